import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { StartError } from '../../common/start-error.js';

/** The contents, in PEM format, of the files that the settings name. */
export interface PassFiles {
  readonly certificate: string;
  readonly key: string;
  readonly passphrase: string | null;
  readonly wwdrCertificate: string;
}

/** Checked certificates and the matching key. Phones accept passes that are signed with them. */
export interface PassCertificates {
  readonly signerCert: string;
  /** Stored decrypted, because decrypting the key for every pass would be slow. */
  readonly signerKey: string;
  readonly wwdr: string;
  /** The pass type and the team for which Apple issued the certificate. */
  readonly passTypeIdentifier: string;
  readonly teamIdentifier: string;
  /** Time in ms since 1970 when the first of the two certificates expires. */
  readonly expiresAt: number;
  /** The setting that names the certificate which expires first. */
  readonly expiresFirst: string;
}

/**
 * Checks that phones accept passes which are signed with these files at the time `now`.
 *
 * @param now in ms since 1970
 * @throws StartError that names the setting and the problem with its file
 */
export function checkPassFiles(files: PassFiles, now: number): PassCertificates {
  const certificate = readCertificate('APPLE_PASS_CERTIFICATE', files.certificate);
  const { passTypeIdentifier, teamIdentifier } = readSigner(certificate);
  const key = decryptKey(files.key, files.passphrase);
  if (key.asymmetricKeyType !== 'rsa') {
    throw new StartError(`APPLE_PASS_KEY must be an RSA key; the file has a key of type ${key.asymmetricKeyType}.`);
  }
  if (!certificate.checkPrivateKey(key)) {
    throw new StartError(
      'APPLE_PASS_KEY belongs to another certificate than APPLE_PASS_CERTIFICATE. Use the key that the certificate was requested with.',
    );
  }
  const wwdr = readCertificate('APPLE_WWDR_CERTIFICATE', files.wwdrCertificate);
  if (!certificate.checkIssued(wwdr) || !certificate.verify(wwdr.publicKey)) {
    const issuer = joinLines(certificate.issuer);
    throw new StartError(
      `APPLE_WWDR_CERTIFICATE did not issue APPLE_PASS_CERTIFICATE. Use the certificate of this issuer: ${issuer}.`,
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

function readCertificate(setting: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new StartError(`${setting}: the file contains no certificate that can be read.`, { cause });
  }
}

function decryptKey(key: string, passphrase: string | null): KeyObject {
  try {
    return createPrivateKey({ key, ...(passphrase !== null && { passphrase }) });
  } catch (cause) {
    throw new StartError('APPLE_PASS_KEY is not a private key, or APPLE_PASS_PASSPHRASE does not decrypt it.', {
      cause,
    });
  }
}

function readSigner({ subject }: X509Certificate) {
  const field = (name: string): string | undefined => new RegExp(`^${name}=(.+)$`, 'm').exec(subject)?.[1];
  const [passTypeIdentifier, teamIdentifier] = [field('UID'), field('OU')];
  if (passTypeIdentifier === undefined || teamIdentifier === undefined) {
    throw new StartError(
      'APPLE_PASS_CERTIFICATE is not a Pass Type ID certificate, because it does not name a pass type and a team.',
    );
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

const joinLines = (name: string): string => name.split('\n').join(', ');
