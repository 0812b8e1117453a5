import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { StartError } from '../common/start-error.js';

/** The certificates and keys (PEM) with which the service connects to a server. */
export interface TlsFiles {
  /** The certificates of the only CAs that the service trusts for this server. */
  readonly ca: string;
  /** The certificate with which the service proves its identity, and its key. */
  readonly cert?: string;
  readonly key?: string;
}

/** A server that can have TLS files. Its settings are `…_CA_FILE`, `…_CERT_FILE` and `…_KEY_FILE`. */
type TlsServer = 'DATABASE' | 'REDIS';

/** The paths in the settings of one server. */
export type TlsPaths = Readonly<Partial<Record<`${TlsServer}_${'CA' | 'CERT' | 'KEY'}_FILE`, string>>>;

/**
 * Reads the TLS files of a server. The files are read once, so a new file takes effect after a restart.
 *
 * @returns null if the settings name no file
 * @throws StartError if a file cannot be read, does not contain what it should, or is missing
 */
export function readTlsFiles(server: TlsServer, paths: TlsPaths): TlsFiles | null {
  const names = { ca: `${server}_CA_FILE`, cert: `${server}_CERT_FILE`, key: `${server}_KEY_FILE` } as const;
  const { [names.ca]: caPath, [names.cert]: certPath, [names.key]: keyPath } = paths;
  if ((certPath === undefined) !== (keyPath === undefined)) {
    throw new StartError(`Only one of ${names.cert} and ${names.key} is set. Set both or neither.`);
  }
  if (caPath === undefined) {
    if (certPath === undefined) return null;
    throw new StartError(`${names.cert} is set without ${names.ca}. Set ${names.ca} to the CA of the server.`);
  }
  const ca = readCertificates(names.ca, caPath);
  if (certPath === undefined || keyPath === undefined) return { ca };
  const cert = readCertificates(names.cert, certPath);
  return { ca, cert, key: readKey(names.key, keyPath, cert) };
}

function readText(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new StartError(`${name}: cannot read ${path}. Set it to a PEM file that this user can read.`, { cause });
  }
}

/** Node silently ignores text that is not a certificate, and then trusts no server. So each certificate is parsed here. */
function readCertificates(name: string, path: string): string {
  const pem = readText(name, path);
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
  let certificates: X509Certificate[];
  try {
    certificates = blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw new StartError(`${name}: ${path} contains a damaged certificate.`, { cause });
  }
  if (certificates.length === 0) {
    throw new StartError(`${name}: ${path} contains no certificate. Set it to a PEM file with certificates.`);
  }
  return pem;
}

function readKey(name: string, path: string, cert: string): string {
  const key = readText(name, path);
  try {
    if (new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) return key;
  } catch (cause) {
    throw new StartError(`${name}: ${path} contains no private key without a passphrase, in PEM form.`, { cause });
  }
  throw new StartError(`${name}: the key in ${path} does not belong to the certificate.`);
}
