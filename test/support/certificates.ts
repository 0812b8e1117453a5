import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate, type GenerateResult } from 'selfsigned';
import { serverUser, setOwner } from './server-user.js';

/** The files of a certificate and its key. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/**
 * A certificate authority that belongs to one test. It writes all certificates to a temporary folder, as files that the
 * servers of the tests can read.
 */
export class TestCa {
  private constructor(
    private readonly folder: string,
    private readonly own: GenerateResult,
  ) {}

  static async create(): Promise<TestCa> {
    const folder = await mkdtemp(join(tmpdir(), 'usher-ca-'));
    await chmod(folder, 0o755);
    const own = await generate([{ name: 'commonName', value: 'a CA for tests' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', keyCertSign: true, critical: true },
      ],
    });
    const ca = new TestCa(folder, own);
    await ca.write('ca.pem', own.cert);
    return ca;
  }

  /** The file of the CA's own certificate. */
  get file(): string {
    return join(this.folder, 'ca.pem');
  }

  /**
   * Issues a certificate.
   *
   * @param name the subject, which is also the name of the files
   * @param altNames the host names and IPv4 addresses of a server
   */
  async issue(name: string, altNames: { hosts?: string[]; addresses?: string[] } = {}): Promise<CertificateFiles> {
    const { hosts = [], addresses = [] } = altNames;
    const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
      keyType: 'ec',
      algorithm: 'sha256',
      ca: { key: this.own.private, cert: this.own.cert },
      extensions: [
        { name: 'basicConstraints', cA: false },
        {
          name: 'subjectAltName',
          altNames: [
            ...hosts.map((value) => ({ type: 2 as const, value })),
            ...addresses.map((ip) => ({ type: 7 as const, ip })),
          ],
        },
      ],
    });
    return { cert: await this.write(`${name}.pem`, cert), key: await this.write(`${name}-key.pem`, key) };
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private async write(name: string, text: string): Promise<string> {
    const file = join(this.folder, name);
    await writeFile(file, text, { mode: 0o600 });
    setOwner(serverUser(), file); // PostgreSQL refuses a key that other users can read
    return file;
  }
}
