import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generate } from 'selfsigned';
import { readConfig, readDatabaseConfig } from './config.js';

const folder = mkdtempSync(join(tmpdir(), 'usher-tls-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const DATABASE_URL = 'postgres://db.example/usher';
const REDIS_URL = 'rediss://redis.example';

let ca: string;
let cert: string;
let key: string;
let otherKey: string;

beforeAll(async () => {
  const options = { keyType: 'ec', algorithm: 'sha256' } as const;
  const [first, second] = await Promise.all([generate(undefined, options), generate(undefined, options)]);
  ca = write('ca.pem', `A comment is allowed.\n${first.cert}\n${second.cert}`);
  cert = write('cert.pem', first.cert);
  key = write('key.pem', first.private);
  otherKey = write('other-key.pem', second.private);
});

it('reads no files if none are set', () => {
  expect(readConfig({ DATABASE_URL, REDIS_URL })).toMatchObject({ databaseTls: null, redisTls: null });
});

it('reads the files of PostgreSQL and Redis', () => {
  const config = readConfig({
    DATABASE_URL,
    DATABASE_CA_FILE: ca,
    REDIS_URL,
    REDIS_CA_FILE: ca,
    REDIS_CERT_FILE: cert,
    REDIS_KEY_FILE: key,
  });
  expect(config.databaseTls).toEqual({ ca: expect.stringMatching(/(BEGIN CERTIFICATE[^]*){2}/) });
  expect(config.redisTls).toEqual({
    ca: config.databaseTls?.ca,
    cert: expect.stringContaining('BEGIN CERTIFICATE'),
    key: expect.stringContaining('PRIVATE KEY'),
  });
  expect(readDatabaseConfig({ DATABASE_URL, DATABASE_CA_FILE: ca }).databaseTls).toEqual(config.databaseTls);
});

describe('a start', () => {
  const readDatabase = (env: Record<string, string>) => () => readConfig({ DATABASE_URL, ...env });
  const readRedis = (env: Record<string, string>) => () => readConfig({ REDIS_URL, ...env });

  it('fails if a file is missing, has no certificate or has a damaged certificate', () => {
    expect(readDatabase({ DATABASE_CA_FILE: join(folder, 'nowhere.pem') })).toThrow(
      /^DATABASE_CA_FILE: cannot read .*nowhere.pem/,
    );
    expect(readRedis({ REDIS_CA_FILE: key })).toThrow(/^REDIS_CA_FILE: .*key.pem contains no certificate/);
    const damaged = write('damaged.pem', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
    expect(readDatabase({ DATABASE_CA_FILE: damaged })).toThrow(/^DATABASE_CA_FILE: .* contains a damaged certificate/);
  });

  it('fails if the files of a client certificate are incomplete or do not belong together', () => {
    expect(readRedis({ REDIS_CA_FILE: ca, REDIS_CERT_FILE: cert })).toThrow(
      /^Only one of REDIS_CERT_FILE and REDIS_KEY_FILE is set/,
    );
    expect(readDatabase({ DATABASE_CERT_FILE: cert, DATABASE_KEY_FILE: key })).toThrow(
      /^DATABASE_CERT_FILE is set without DATABASE_CA_FILE/,
    );
    const readPair = (keyFile: string) =>
      readDatabase({ DATABASE_CA_FILE: ca, DATABASE_CERT_FILE: cert, DATABASE_KEY_FILE: keyFile });
    expect(readPair(otherKey)).toThrow(/^DATABASE_KEY_FILE: .* does not belong to the certificate/);
    expect(readPair(cert)).toThrow(/^DATABASE_KEY_FILE: .* contains no private key/);
  });

  it('fails if DATABASE_CA_FILE is set for the embedded database', () => {
    expect(() => readConfig({ DATABASE_CA_FILE: ca })).toThrow(/^DATABASE_CA_FILE is set without DATABASE_URL/);
  });

  it.each(['sslmode=disable', 'sslmode=no-verify', 'sslrootcert=/ca.pem', 'ssl=0', 'uselibpqcompat=true'])(
    'fails if DATABASE_URL contradicts DATABASE_CA_FILE with %s',
    (query) => {
      const env = { DATABASE_URL: `${DATABASE_URL}?${query}`, DATABASE_CA_FILE: ca };
      expect(readDatabase(env)).toThrow(/^DATABASE_CA_FILE: DATABASE_URL contradicts this setting/);
    },
  );

  it('fails if REDIS_CA_FILE is set, but a URL does not ask for TLS', () => {
    const problem = /^REDIS_CA_FILE: every URL in REDIS_URL must begin with rediss/;
    expect(readRedis({ REDIS_URL: 'rediss://a,redis://b', REDIS_CA_FILE: ca })).toThrow(problem);
    expect(readRedis({ REDIS_URL: '', REDIS_CA_FILE: ca })).toThrow(problem);
  });
});
