import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Show } from '@usher/contract';
import { SideThread } from '../../common/side-thread.js';
import { StartError } from '../../common/start-error.js';
import type { Config } from '../../config/config.js';
import type { TicketFace } from '../documents/ticket-face.js';
import type { PassOrder } from './pass-worker.js';

type Files = NonNullable<Config['appleWallet']>;

/** What a phone shows beside the pass: the same picture for one, two and three dots a point. */
const imageNames = ['icon.png', 'icon@2x.png', 'icon@3x.png', 'logo.png', 'logo@2x.png', 'logo@3x.png'];

/** Makes passes for Apple Wallet, signed with the certificate of an Apple developer account. */
export class AppleWallet {
  private readonly thread = new SideThread<PassOrder>('pass-worker', import.meta.url);

  private constructor(
    private readonly certificates: PassOrder['certificates'],
    private readonly images: Readonly<Record<string, Buffer>>,
    /** Whose passes they are: the pass type and the team that the certificate was given for. */
    private readonly signer: { readonly passTypeIdentifier: string; readonly teamIdentifier: string },
  ) {}

  /** @throws StartError when a file cannot be read, or the certificate is none for passes */
  static async open({ certificate, key, passphrase, wwdrCertificate }: Files): Promise<AppleWallet> {
    const [signerCert, signerKey, wwdr] = await Promise.all([
      pem('APPLE_PASS_CERTIFICATE', certificate),
      pem('APPLE_PASS_KEY', key),
      pem('APPLE_WWDR_CERTIFICATE', wwdrCertificate),
    ]);
    const images = await Promise.all(
      imageNames.map(async (name) => [name, await readFile(new URL(`images/${name}`, import.meta.url))] as const),
    );
    const certificates = { signerCert, signerKey: opened(signerKey, passphrase), wwdr };
    return new AppleWallet(certificates, Object.fromEntries(images), signerOf(signerCert));
  }

  /** A pass (`.pkpass`) whose QR says the ticket's code. */
  pass(face: TicketFace, { startsAt, cinema }: Show): Promise<Buffer> {
    return this.thread.run({
      images: this.images,
      certificates: this.certificates,
      props: {
        ...this.signer,
        serialNumber: face.ticketId,
        organizationName: face.cinema,
        description: `Ticket: ${face.title}`,
        logoText: face.cinema,
        backgroundColor: 'rgb(67, 56, 202)',
        foregroundColor: 'rgb(255, 255, 255)',
        labelColor: 'rgb(224, 231, 255)',
      },
      fields: {
        primaryFields: [{ key: 'title', label: 'Film', value: face.title }],
        secondaryFields: [
          { key: 'when', label: 'When', value: face.when },
          { key: 'hall', label: 'Hall', value: face.hall },
        ],
        auxiliaryFields: [
          { key: 'seat', label: 'Seat', value: face.seat },
          { key: 'place', label: 'Place', value: face.place },
        ],
        backFields: [
          { key: 'address', label: 'Where', value: `${face.cinema}, ${face.address}` },
          { key: 'ticket', label: 'Ticket', value: face.ticketId },
        ],
      },
      code: face.code,
      codeText: face.seat,
      startsAt: new Date(startsAt),
      place: { latitude: cinema.lat, longitude: cinema.lon },
    });
  }
}

async function pem(setting: string, path: string): Promise<string> {
  const content = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new StartError(`${setting}: ${path} cannot be read.`, { cause });
  });
  if (content.includes('-----BEGIN ')) return content;
  throw new StartError(`${setting}: ${path} is no PEM file.`);
}

/** The key without its passphrase: with it, it would be opened anew for every pass. */
function opened(key: string, passphrase: string | null): string {
  try {
    const privateKey = createPrivateKey({ key, ...(passphrase !== null && { passphrase }) });
    return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch (cause) {
    throw new StartError('APPLE_PASS_KEY is no private key, or APPLE_PASS_PASSPHRASE does not open it.', { cause });
  }
}

function signerOf(certificate: string) {
  const { subject } = new X509Certificate(certificate);
  const field = (name: string): string | undefined => new RegExp(`^${name}=(.+)$`, 'm').exec(subject)?.[1];
  const [passTypeIdentifier, teamIdentifier] = [field('UID'), field('OU')];
  if (passTypeIdentifier === undefined || teamIdentifier === undefined) {
    throw new StartError('APPLE_PASS_CERTIFICATE is no Pass Type ID certificate: it names no pass type and team.');
  }
  return { passTypeIdentifier, teamIdentifier };
}
