import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Service } from '../../src/service.js';
import { type CertificateFiles, TestCa } from '../support/certificates.js';
import { testEnvironment } from '../support/database.js';
import { Importer } from '../support/import.js';
import { PostgresServer } from '../support/postgres-server.js';
import { RestCaller } from '../support/rest.js';
import { startTestService } from '../support/service-host/start-test-service.js';

const run = promisify(execFile);

/** Time within which a command must refuse a wrong certificate, in ms. For a database that is down, it waits 10 s. */
const refusalMsMax = 8000;

/** The output of the command `citus`, which connects, reads the schema and loads faster than the other commands. */
const success = expect.stringContaining('create_distributed_table');

describe('a PostgreSQL that accepts only TLS', () => {
  let ca: TestCa;
  let otherCa: TestCa;
  let client: CertificateFiles;
  let postgres: PostgresServer;

  /** Lets the server accept only the connections that a line of `pg_hba.conf` describes. */
  async function acceptOnly(line: string): Promise<void> {
    await writeFile(join(postgres.directory, 'pg_hba.conf'), `${line}\n`);
    const admin = new pg.Client({ connectionString: postgres.url, ssl: { rejectUnauthorized: false } });
    await admin.connect();
    await admin.query('select pg_reload_conf()');
    await admin.end();
  }

  beforeAll(async () => {
    [ca, otherCa] = await Promise.all([TestCa.create(), TestCa.create()]);
    const server = await ca.issue('server', { addresses: ['127.0.0.1'] });
    client = await ca.issue('usher'); // PostgreSQL compares the subject with the name of the database user
    const files = { ssl_cert_file: server.cert, ssl_key_file: server.key, ssl_ca_file: ca.file };
    postgres = await PostgresServer.start({ ssl: 'on', ...files });
    await acceptOnly('hostssl all all 127.0.0.1/32 scram-sha-256');
    await runCommand('migrate', { DATABASE_CA_FILE: ca.file });
  }, 60_000);

  afterAll(async () => {
    await postgres?.remove();
    await Promise.all([ca?.remove(), otherCa?.remove()]);
  });

  const urlWith = (query: string) => `${postgres.url}?${query}`;

  /** Runs a command of the build. Returns its output, or its error output if it fails. */
  async function runCommand(name: string, env: Record<string, string>, ...args: string[]): Promise<string> {
    const settings = { PATH: process.env.PATH, DATABASE_URL: postgres.url, ...env };
    return run(process.execPath, [`dist/cli/${name}.js`, ...args], { env: settings }).then(
      ({ stdout }) => stdout,
      (error: { stderr: string }) => `failed: ${error.stderr}`,
    );
  }

  it('refuses connections without TLS, and the error says so', async () => {
    expect(await runCommand('citus', {})).toMatch(/^failed: .*DATABASE_URL: .*no encryption/);
  });

  it('serves the service and all commands with DATABASE_CA_FILE', async () => {
    const env = { DATABASE_CA_FILE: ca.file };
    expect(await runCommand('generate', env, '--cities', '2', '--shows', '20', '--movies', '5')).toContain('20 shows');
    expect(await runCommand('citus', env)).toEqual(success);
    const importer = await Importer.make({ ...testEnvironment(postgres.url), ...env });
    const cities = 'ref;name;country;timeZone;lat;lon\nbonn;Bonn;DE;Europe/Berlin;50.73;7.1\n';
    const { code, output } = await importer.run({ 'cities.csv': cities });
    await importer.remove();
    expect([code, output]).toEqual([0, expect.stringContaining('Imported')]);

    const service: Service = await startTestService(testEnvironment(postgres.url, env));
    try {
      expect((await fetch(`${service.url}/v1/cities`)).status).toBe(200);
      await RestCaller.begin(service.url);
      expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
    } finally {
      await service.close();
    }
  }, 90_000);

  it('accepts a URL that asks for TLS itself in addition to DATABASE_CA_FILE', async () => {
    const env = { DATABASE_URL: urlWith('sslmode=require'), DATABASE_CA_FILE: ca.file };
    expect(await runCommand('citus', env)).toEqual(success);
  });

  it('is refused at once if its certificate is from another CA', async () => {
    const startedAt = performance.now();
    expect(await runCommand('citus', { DATABASE_CA_FILE: otherCa.file })).toMatch(
      /^failed: .*DATABASE_CA_FILE: .*127\.0\.0\.1:\d+\/usher .*not trust/,
    );
    expect(performance.now() - startedAt).toBeLessThan(refusalMsMax);
  });

  it.each(['migrate', 'generate'])('is refused by %s if its certificate is from another CA', async (command) => {
    expect(await runCommand(command, { DATABASE_CA_FILE: otherCa.file })).toMatch(/^failed: .*DATABASE_CA_FILE: /);
  });

  it('is refused by the service if its certificate is from another CA', async () => {
    const env = testEnvironment(postgres.url, { DATABASE_CA_FILE: otherCa.file });
    await expect(startTestService(env)).rejects.toThrow(/DATABASE_CA_FILE: .*not trust/);
  });

  it('is refused if its certificate does not contain the host name', async () => {
    const url = postgres.url.replace('127.0.0.1', 'localhost');
    expect(await runCommand('citus', { DATABASE_URL: url, DATABASE_CA_FILE: ca.file })).toMatch(
      /^failed: .*DATABASE_CA_FILE: .*localhost:\d+\/usher .*host name/,
    );
  });

  describe('without DATABASE_CA_FILE', () => {
    it.each(['require', 'verify-ca', 'verify-full'])(
      'is checked against the public CAs with sslmode=%s, and the error names DATABASE_CA_FILE',
      async (mode) => {
        expect(await runCommand('citus', { DATABASE_URL: urlWith(`sslmode=${mode}`) })).toMatch(
          /^failed: .*DATABASE_URL: .*not trust.*DATABASE_CA_FILE/s,
        );
      },
    );

    it('is not checked with sslmode=no-verify', async () => {
      expect(await runCommand('citus', { DATABASE_URL: urlWith('sslmode=no-verify') })).toEqual(success);
    });

    it('is checked against the CA in sslrootcert', async () => {
      const trusted = urlWith(`sslmode=verify-full&sslrootcert=${ca.file}`);
      expect(await runCommand('migrate', { DATABASE_URL: trusted })).toBe('The schema is up to date.\n');
      const untrusted = urlWith(`sslmode=verify-full&sslrootcert=${otherCa.file}`);
      expect(await runCommand('citus', { DATABASE_URL: untrusted })).toMatch(/^failed: .*not trust/);
    });
  });

  describe('that demands client certificates', () => {
    beforeAll(() => acceptOnly('hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-full'));

    it('accepts commands with DATABASE_CERT_FILE and DATABASE_KEY_FILE', async () => {
      const env = { DATABASE_CA_FILE: ca.file, DATABASE_CERT_FILE: client.cert, DATABASE_KEY_FILE: client.key };
      expect(await runCommand('citus', env)).toEqual(success);
      expect(await runCommand('migrate', env)).toBe('The schema is up to date.\n');
    });

    it('refuses a command without a certificate', async () => {
      expect(await runCommand('citus', { DATABASE_CA_FILE: ca.file })).toMatch(
        /^failed: .*DATABASE_URL: .*client certificate/,
      );
    });
  });
});

describe('a PostgreSQL without TLS', () => {
  it('is refused if DATABASE_CA_FILE is set', async () => {
    const ca = await TestCa.create();
    const env = { DATABASE_URL: process.env.TEST_POSTGRES_URL ?? '', DATABASE_CA_FILE: ca.file };
    const command = run(process.execPath, ['dist/cli/citus.js'], { env: { PATH: process.env.PATH, ...env } });
    await expect(command).rejects.toMatchObject({ stderr: expect.stringMatching(/DATABASE_CA_FILE: .*no TLS/) });
    await ca.remove();
  });
});
