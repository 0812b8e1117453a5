import { readFile } from 'node:fs/promises';
import type { Show } from '@usher/contract';
import { WorkerThread } from '../../common/worker-thread.js';
import { StartError } from '../../common/start-error.js';
import type { Config } from '../../config/config.js';
import type { TicketFace } from '../documents/ticket-face.js';
import { checkPassFiles, type PassCertificates } from './pass-certificates.js';
import type { PassOrder } from './pass-worker.js';

type AppleWalletFiles = NonNullable<Config['appleWallet']>;

/** The images that a phone shows with the pass, each in three sizes, for one, two and three pixels per point. */
const imageNames = ['icon.png', 'icon@2x.png', 'icon@3x.png', 'logo.png', 'logo@2x.png', 'logo@3x.png'];

/** Creates passes for Apple Wallet and signs them with the certificate of an Apple developer account. */
export class AppleWallet {
  private readonly thread = new WorkerThread<PassOrder, Uint8Array>('pass-worker', import.meta.url, 'documents');

  private constructor(
    private readonly certificates: PassCertificates,
    private readonly images: Readonly<Record<string, Buffer>>,
  ) {}

  /**
   * Reads and checks the files of the settings.
   *
   * @throws StartError if a file cannot be read, is not valid now, or does not belong to the other files
   */
  static async open({ certificate, key, passphrase, wwdrCertificate }: AppleWalletFiles): Promise<AppleWallet> {
    const [signerCert, signerKey, wwdr] = await Promise.all([
      readPem('APPLE_PASS_CERTIFICATE', certificate),
      readPem('APPLE_PASS_KEY', key),
      readPem('APPLE_WWDR_CERTIFICATE', wwdrCertificate),
    ]);
    const files = { certificate: signerCert, key: signerKey, passphrase, wwdrCertificate: wwdr };
    const certificates = checkPassFiles(files, Date.now());
    const images = await Promise.all(
      imageNames.map(async (name) => [name, await readFile(new URL(`images/${name}`, import.meta.url))] as const),
    );
    return new AppleWallet(certificates, Object.fromEntries(images));
  }

  /** The time in ms since 1970 when phones stop accepting the passes, and the setting whose certificate expires then. */
  get expiry(): { readonly at: number; readonly setting: string } {
    return { at: this.certificates.expiresAt, setting: this.certificates.expiresFirst };
  }

  /** Returns true if phones accept the passes now. A certificate may expire while the service runs. */
  isUsable(): boolean {
    return Date.now() < this.certificates.expiresAt;
  }

  /** Creates a pass (`.pkpass`) whose QR code contains the ticket's code. @param owner see `WorkerThread.run` */
  async createPass(face: TicketFace, { startsAt, cinema }: Show, owner: string | null): Promise<Buffer> {
    const { signerCert, signerKey, wwdr, passTypeIdentifier, teamIdentifier } = this.certificates;
    const order: PassOrder = {
      images: this.images,
      certificates: { signerCert, signerKey, wwdr },
      props: {
        passTypeIdentifier,
        teamIdentifier,
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
          { key: 'when', label: 'When', value: face.start },
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
    };
    return Buffer.from(await this.thread.run(order, owner));
  }
}

async function readPem(setting: string, path: string): Promise<string> {
  const content = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new StartError(`${setting}: ${path} cannot be read.`, { cause });
  });
  if (content.includes('-----BEGIN ')) return content;
  throw new StartError(`${setting}: ${path} is not a PEM file.`);
}
