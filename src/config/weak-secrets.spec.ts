import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { readConfig, readServiceConfig } from './config.js';

const [first, second, third] = Array.from({ length: 3 }, () => randomBytes(32).toString('hex'));
const environment = {
  DATABASE_URL: 'postgres://127.0.0.1/usher',
  SESSION_SECRET: first,
  ENCRYPTION_KEY: second,
  ADMIN_API_KEY: third,
  PAYMENT_PROVIDER: 'sandbox',
  PUBLIC_URL: 'https://tickets.example.com',
};
const settings = ['SESSION_SECRET', 'ENCRYPTION_KEY', 'ADMIN_API_KEY'] as const;

/** Reads the settings of a service. Returns the message of its error, or null if it starts. */
function refusalOf(changes: Partial<typeof environment> & Record<string, string | undefined>): string | null {
  try {
    readServiceConfig({ ...environment, ...changes });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
}

describe.each(settings)('%s of a service with DATABASE_URL', (setting) => {
  it.each([
    'a'.repeat(64),
    'abab'.repeat(16),
    '0123456789abcdef'.repeat(4),
    'abcdefghijklmnopqrstuvwxyz0123456789',
    '11112222333344445555666677778888',
    'changemechangemechangemechangeme',
    'Please-Change-Me-0123456789-KLMNOPQ',
    'replace-with-64-hex-digits-before-use',
    'my-super-Secret-value-of-this-house!',
    'password-of-the-cinema-in-the-city-9',
    'your-key-goes-here-3f9a7c1e5b2d8046',
    'the example of the documentation 42',
    '$(openssl rand -hex 32)aaaaaaaaaa',
    'prefix-${SECRET_FROM_VAULT}-0a1b2c3d4e',
    '$USHER_VALUE_FROM_THE_ENVIRONMENT_1',
    '{{ .Values.usher.signing }}-0a1b2c3d',
    '<64 random hex digits>-0a1b2c3d4e5f6',
    '‹64 random hex digits›-0a1b2c3d4e5f6',
  ])('cannot be %j', (secret) => {
    const refusal = refusalOf({ [setting]: secret });
    expect(refusal).toMatch(new RegExp(`^Some secrets are not safe\\. ${setting} .*openssl rand -base64 32`));
    expect(refusal).not.toContain(secret);
    expect(refusal).not.toContain('\n');
  });

  it('can be random text of any usual form', () => {
    for (let round = 0; round < 200; round++) {
      const bytes = randomBytes(32);
      const forms = [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')];
      expect(forms.map((secret) => refusalOf({ [setting]: secret }))).toEqual([null, null, null]);
    }
  });
});

it.each([
  ['SESSION_SECRET', 'ENCRYPTION_KEY', { ENCRYPTION_KEY: first }],
  ['SESSION_SECRET', 'ENCRYPTION_KEY', { SESSION_SECRET: `${third},${second}`, ADMIN_API_KEY: undefined }],
  ['SESSION_SECRET', 'ADMIN_API_KEY', { ADMIN_API_KEY: first }],
  ['ENCRYPTION_KEY', 'ADMIN_API_KEY', { ADMIN_API_KEY: second }],
  ['ENCRYPTION_KEY', 'ADMIN_API_KEY', { ENCRYPTION_KEY: `plain,${third}` }],
])('%s and %s cannot be the same: %#', (one, other, changes) => {
  expect(refusalOf(changes)).toMatch(new RegExp(`${one} is the same as ${other}`));
});

it('names every setting with a weak secret in one line', () => {
  const weak = 'a'.repeat(32);
  const refusal = refusalOf({ SESSION_SECRET: weak, ENCRYPTION_KEY: weak, ADMIN_API_KEY: weak });
  for (const setting of settings) expect(refusal).toContain(`${setting} has fewer than`);
});

it('checks every secret that signs or verifies, but not the keys that only decrypt what they once encrypted', () => {
  const weak = 'a'.repeat(32);
  expect(refusalOf({ SESSION_SECRET: `${first},${weak}` })).toMatch(/SESSION_SECRET has fewer than/);
  expect(refusalOf({ ENCRYPTION_KEY: `${second},${weak}` })).toBeNull();
  expect(refusalOf({ ENCRYPTION_KEY: `plain,${weak}` })).toMatch(/ENCRYPTION_KEY has fewer than/);
  expect(refusalOf({ ENCRYPTION_KEY: `${second},${first}` })).toBeNull();
});

it('is not asked of the embedded database and of commands', () => {
  const weak = { SESSION_SECRET: 'a'.repeat(32), ENCRYPTION_KEY: 'a'.repeat(32), ADMIN_API_KEY: 'a'.repeat(32) };
  expect(readServiceConfig(weak).databaseUrl).toBeNull();
  expect(readConfig({ ...environment, ...weak }).adminApiKey).toBe(weak.ADMIN_API_KEY);
});
