import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type CryptoKey, exportPKCS8, generateKeyPair } from 'jose';

const run = promisify(execFile);

/** Test versions of the keys and certificates that Apple and Google give an operator. */
export interface WalletAccounts {
  readonly folder: string;
  readonly env: Record<string, string>;
  readonly googleKey: CryptoKey;
}

/** Creates wallet accounts in a temporary folder, which the caller must remove. */
export async function createWalletAccounts(): Promise<WalletAccounts> {
  const folder = await mkdtemp(join(tmpdir(), 'usher-wallets-'));
  await createAppleCertificates(folder);
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const account = {
    type: 'service_account',
    client_email: 'usher@example.iam.gserviceaccount.com',
    private_key: await exportPKCS8(privateKey),
  };
  const at = (name: string) => join(folder, name);
  await writeFile(at('google.json'), JSON.stringify(account));
  const env = {
    APPLE_PASS_CERTIFICATE: at('pass.pem'),
    APPLE_PASS_KEY: at('pass.key'),
    APPLE_PASS_PASSPHRASE: 'a secret',
    APPLE_WWDR_CERTIFICATE: at('wwdr.pem'),
    GOOGLE_WALLET_ISSUER: '3388000000012345678',
    GOOGLE_WALLET_KEY: at('google.json'),
  };
  return { folder, env, googleKey: publicKey };
}

/** Creates the pass certificate with its key, and the certificate of the authority that signed it. */
async function createAppleCertificates(folder: string): Promise<void> {
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const newKey = ['-newkey', 'rsa:2048', '-sha256'];
  const authority = ['-nodes', '-days', '30', '-subj', '/C=US/O=Apple Test/CN=WWDR'];
  await openssl('req', '-x509', ...newKey, ...authority, '-keyout', 'ca.key', '-out', 'wwdr.pem');
  const subject = '/UID=pass.example.usher/CN=Pass Type ID: pass.example.usher/OU=TEAM123456/O=Example/C=US';
  const request = ['-passout', 'pass:a secret', '-subj', subject, '-keyout', 'pass.key', '-out', 'pass.csr'];
  await openssl('req', ...newKey, ...request);
  const signed = ['-CA', 'wwdr.pem', '-CAkey', 'ca.key', '-set_serial', '7', '-days', '20'];
  await openssl('x509', '-req', '-in', 'pass.csr', ...signed, '-out', 'pass.pem');
}
