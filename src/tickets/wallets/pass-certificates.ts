import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { StartError } from '../../common/start-error.js';

/** What the files of the settings contain, as PEM. */
export interface PassFiles {
  readonly certificate: string;
  readonly key: string;
  readonly passphrase: string | null;
  readonly wwdrCertificate: string;
}

/** Certificates and a key that fit together, and that sign passes which phones accept. */
export interface PassCertificates {
  readonly signerCert: string;
  /** Without its passphrase, because decrypting it for every pass would be slow. */
  readonly signerKey: string;
  readonly wwdr: string;
  /** Whose passes they are: the pass type and the team that the certificate was issued for. */
  readonly passTypeIdentifier: string;
  readonly teamIdentifier: string;
  /** When the first of the two certificates expires, in ms since 1970, and the setting that names it. */
  readonly expiresAt: number;
  readonly expiresFirst: string;
}

/**
 * Checks that the files sign passes which phones accept at this time.
 *
 * @param now in ms since 1970
 * @throws StartError that names the setting and what is wrong with its file
 */
export function checkPassFiles(files: PassFiles, now: number): PassCertificates {
  const certificate = read('APPLE_PASS_CERTIFICATE', files.certificate);
  const { passTypeIdentifier, teamIdentifier } = signerOf(certificate);
  const key = decrypt(files.key, files.passphrase);
  if (key.asymmetricKeyType !== 'rsa') {
    throw new StartError(`APPLE_PASS_KEY must be an RSA key; the file has a key of type ${key.asymmetricKeyType}.`);
  }
  if (!certificate.checkPrivateKey(key)) {
    throw new StartError(
      'APPLE_PASS_KEY belongs to another certificate than APPLE_PASS_CERTIFICATE. Use the key that the certificate was requested with.',
    );
  }
  const wwdr = read('APPLE_WWDR_CERTIFICATE', files.wwdrCertificate);
  if (!certificate.checkIssued(wwdr) || !certificate.verify(wwdr.publicKey)) {
    const issuer = oneLine(certificate.issuer);
    throw new StartError(
      `APPLE_WWDR_CERTIFICATE did not issue APPLE_PASS_CERTIFICATE. Use the certificate of: ${issuer}.`,
    );
  }
  const signer = { setting: 'APPLE_PASS_CERTIFICATE', certificate };
  const issuer = { setting: 'APPLE_WWDR_CERTIFICATE', certificate: wwdr };
  const [first] = [signer, issuer]
    .map(({ setting, certificate: { validFromDate, validToDate } }) => {
      requireValid(setting, validFromDate, validToDate, now);
      return { setting, expiresAt: validToDate.getTime() };
    })
    .toSorted((a, b) => a.expiresAt - b.expiresAt);
  return {
    signerCert: files.certificate,
    signerKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    wwdr: files.wwdrCertificate,
    passTypeIdentifier,
    teamIdentifier,
    expiresAt: first!.expiresAt,
    expiresFirst: first!.setting,
  };
}

function read(setting: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new StartError(`${setting}: the file contains no certificate that can be read.`, { cause });
  }
}

function decrypt(key: string, passphrase: string | null): KeyObject {
  try {
    return createPrivateKey({ key, ...(passphrase !== null && { passphrase }) });
  } catch (cause) {
    throw new StartError('APPLE_PASS_KEY is no private key, or APPLE_PASS_PASSPHRASE does not open it.', { cause });
  }
}

function signerOf({ subject }: X509Certificate) {
  const field = (name: string): string | undefined => new RegExp(`^${name}=(.+)$`, 'm').exec(subject)?.[1];
  const [passTypeIdentifier, teamIdentifier] = [field('UID'), field('OU')];
  if (passTypeIdentifier === undefined || teamIdentifier === undefined) {
    throw new StartError('APPLE_PASS_CERTIFICATE is no Pass Type ID certificate: it names no pass type and team.');
  }
  return { passTypeIdentifier, teamIdentifier };
}

function requireValid(setting: string, from: Date, until: Date, now: number): void {
  if (now < from.getTime()) {
    throw new StartError(`${setting} is not valid before ${from.toISOString()}. Check the clock of this machine.`);
  }
  if (now >= until.getTime()) {
    throw new StartError(`${setting} expired at ${until.toISOString()}. Renew it, or unset the APPLE_ settings.`);
  }
}

const oneLine = (name: string): string => name.split('\n').join(', ');
