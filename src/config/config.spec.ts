import { describe, expect, it } from '@jest/globals';
import { readConfig, readServiceConfig } from './config.js';

const secret = 'x'.repeat(32);

it('uses the embedded database and the documented defaults if no variable is set', () => {
  const { port, host, databaseUrl, shouldLoadDemo, holdMs, seatsMax, tickMs, dataDir } = readConfig({});
  expect({ port, host, databaseUrl, shouldLoadDemo, holdMs, seatsMax, tickMs }).toEqual({
    port: 3000,
    host: '127.0.0.1',
    databaseUrl: null,
    shouldLoadDemo: true,
    holdMs: 300_000,
    seatsMax: 10,
    tickMs: 50,
  });
  expect(dataDir).toMatch(/\/\.usher$/);
});

it('listens on all addresses and loads no demo if DATABASE_URL is set', () => {
  const config = readConfig({ DATABASE_URL: 'postgres://a:b@127.0.0.1/usher', SESSION_SECRET: secret });
  expect([config.host, config.shouldLoadDemo]).toEqual(['0.0.0.0', false]);
});

it('names every invalid setting and its valid values', () => {
  expect(() => readConfig({ PORT: 'http', HOLD_SECONDS: '0', DATABASE_URL: 'mysql://x' })).toThrow(
    /PORT: .*; DATABASE_URL: must be a postgres:\/\/ URL; HOLD_SECONDS: /,
  );
  expect(() => readConfig({ SESSION_SECRET: 'short' })).toThrow(/SESSION_SECRET: must be 32 bytes/);
  expect(() => readConfig({ MAX_SEATS: '11' })).toThrow(/MAX_SEATS/);
});

it('reads the keys of ENCRYPTION_KEY, and whether secrets are stored in plain text', () => {
  const read = (ENCRYPTION_KEY: string) => {
    const { encryptionKeys, shouldEncryptSecrets } = readConfig({ ENCRYPTION_KEY });
    return [encryptionKeys, shouldEncryptSecrets];
  };
  expect(read(secret)).toEqual([[secret], true]);
  expect(read(`plain,${secret}`)).toEqual([[secret], false]);
  expect(() => read('plain')).toThrow(/ENCRYPTION_KEY: must be 32 bytes or more/);
  expect(() => read(`${secret},plain`)).toThrow(/ENCRYPTION_KEY: secret 2 of 2 must be 32 bytes or more/);
});

describe('the identity provider of operators', () => {
  const provider = {
    OIDC_ISSUER: 'https://id.example',
    OIDC_CLIENT_ID: 'usher',
    PUBLIC_URL: 'https://tickets.example',
  };

  it('is optional', () => {
    expect(readConfig({}).oidc).toBeNull();
    expect(readConfig(provider)).toMatchObject({
      oidc: {
        issuer: 'https://id.example',
        clientId: 'usher',
        clientSecret: null,
        scopes: 'openid profile email',
        rolesClaim: 'usher_roles',
        cinemasClaim: 'usher_cinemas',
      },
      operatorSessionMs: 8 * 60 * 60_000,
      operatorIdleMs: 60 * 60_000,
    });
  });

  it('needs an issuer, a client and the address of this service', () => {
    expect(() => readConfig({ OIDC_CLIENT_ID: 'usher' })).toThrow(/needs both OIDC_ISSUER and OIDC_CLIENT_ID/);
    expect(() => readConfig({ ...provider, OIDC_CLIENT_ID: '' })).toThrow(/needs both/);
    expect(() => readConfig({ ...provider, PUBLIC_URL: '' })).toThrow(/OIDC_ISSUER needs PUBLIC_URL/);
  });

  it('must use TLS, unless it runs on the same machine', () => {
    const read = (OIDC_ISSUER: string) => readConfig({ ...provider, OIDC_ISSUER }).oidc?.issuer;
    for (const url of ['http://127.0.0.1:8080/realms/a', 'http://localhost:8080', 'http://[::1]:8080']) {
      expect(read(url)).toBe(url);
    }
    for (const url of [
      'http://id.example',
      'http://127.0.0.1.evil.example',
      'http://localhost.evil.example',
      'ldap://x',
    ]) {
      expect(() => read(url)).toThrow(/OIDC_ISSUER: must be an https:\/\/ URL/);
    }
  });

  it('is always asked for the scope openid', () => {
    expect(() => readConfig({ ...provider, OIDC_SCOPES: 'profile openidx' })).toThrow(
      /OIDC_SCOPES: must contain openid/,
    );
  });
});

describe('a list of secrets', () => {
  const [old, next] = ['o'.repeat(32), 'n'.repeat(32)];

  it('keeps the order of the secrets, because the first one signs', () => {
    expect(readConfig({ SESSION_SECRET: `${next},${old}` }).sessionSecrets).toEqual([next, old]);
    expect(readConfig({ SESSION_SECRET: old }).sessionSecrets).toEqual([old]);
  });

  it.each([
    ['too short', `${next},short-one,${old}`, /secret 2 of 3 must be 32 bytes or more/],
    ['empty', `${next},`, /secret 2 of 2 must be 32 bytes or more/],
    ['preceded by white space', `${next}, ${old}`, /secret 2 of 2 must not begin with white space/],
  ])('is refused with the number of the secret that is %s, and without the secret itself', (_, list, problem) => {
    const read = () => readConfig({ SESSION_SECRET: list });
    expect(read).toThrow(/^Some settings are invalid: SESSION_SECRET: secret [^;]*\.$/);
    expect(read).toThrow(problem);
    expect(read).not.toThrow(/short-one|nnn|ooo/);
  });
});

describe('a service with DATABASE_URL', () => {
  const complete = {
    DATABASE_URL: 'postgres://127.0.0.1/usher',
    SESSION_SECRET: 'signs the sessions of this test only',
    ENCRYPTION_KEY: 'encrypts the columns of this test only',
    PAYMENT_PROVIDER: 'sandbox',
    PUBLIC_URL: 'https://tickets.example.com',
  };

  it.each(['SESSION_SECRET', 'ENCRYPTION_KEY', 'PAYMENT_PROVIDER', 'PUBLIC_URL'])(
    'refuses to start without %s, with an error that gives the reason and an example',
    (name) => {
      for (const value of [undefined, '']) {
        expect(() => readServiceConfig({ ...complete, [name]: value })).toThrow(
          new RegExp(`^[^]*needs\\. ${name} is needed (to|because) .*${name}=`),
        );
      }
    },
  );

  it('reports all missing settings in one error', () => {
    const { DATABASE_URL } = complete;
    expect(() => readServiceConfig({ DATABASE_URL })).toThrow(
      /SESSION_SECRET is needed .*ENCRYPTION_KEY is needed .*PAYMENT_PROVIDER is needed .*PUBLIC_URL is needed /,
    );
  });

  it('accepts sandbox payments if they are set explicitly', () => {
    expect(readServiceConfig(complete)).toMatchObject({ paymentProvider: 'sandbox', shouldLoadDemo: false });
  });
});

it('requires none of these settings for the embedded database or for commands', () => {
  expect(readServiceConfig({})).toMatchObject({ databaseUrl: null, paymentProvider: 'sandbox', publicUrl: null });
  expect(readConfig({ DATABASE_URL: 'postgres://127.0.0.1/usher' }).shouldLoadDemo).toBe(false);
});

it('treats an empty variable as unset', () => {
  expect(readConfig({ PORT: '', DATABASE_URL: '' }).port).toBe(3000);
});

it('reads several Redis URLs as a cluster', () => {
  expect(readConfig({ REDIS_URL: 'redis://a:1,redis://b:2' }).redisUrls).toEqual(['redis://a:1', 'redis://b:2']);
});

it('accepts an origin in PUBLIC_URL and RETURN_ORIGINS, and refuses a path', () => {
  const { publicUrl, returnOrigins } = readConfig({
    PUBLIC_URL: 'https://Tickets.example:443/',
    RETURN_ORIGINS: 'https://a.example, http://b.example:8080/',
  });
  expect(publicUrl).toBe('https://tickets.example');
  expect(returnOrigins).toEqual(['https://a.example', 'http://b.example:8080']);
  const refused = ['https://a.example/tickets', 'https://a.example/?x', 'https://me@a.example', 'https://a.example/#x'];
  for (const url of refused) {
    expect(() => readConfig({ PUBLIC_URL: url })).toThrow(/PUBLIC_URL: must be an origin without a path/);
    expect(() => readConfig({ RETURN_ORIGINS: url })).toThrow(/RETURN_ORIGINS.*: must be an origin without a path/);
  }
  expect(() => readConfig({ PUBLIC_URL: 'tickets.example' })).toThrow(/PUBLIC_URL: must be an http/);
});

it('accepts lists of origins for CORS and frames, and `*` for every origin', () => {
  const origins = 'https://Cinema.example:443, http://b.example:8080';
  expect(readConfig({}).corsOrigins).toBeNull();
  expect(readConfig({ CORS_ORIGINS: '*' }).corsOrigins).toBeNull();
  expect(readConfig({ CORS_ORIGINS: origins }).corsOrigins).toEqual([
    'https://cinema.example',
    'http://b.example:8080',
  ]);
  for (const wrong of ['cinema.example', 'https://a.example/path', 'https://a.example, *', 'null']) {
    expect(() => readConfig({ CORS_ORIGINS: wrong })).toThrow(/CORS_ORIGINS: must be an/);
  }
  expect(readConfig({}).frameAncestors).toEqual([]);
  expect(readConfig({ FRAME_ANCESTORS: '*' }).frameAncestors).toEqual(['*']);
  expect(readConfig({ FRAME_ANCESTORS: 'https://*.b.example' }).frameAncestors).toEqual(['https://*.b.example']);
  for (const wrong of ['cinema.example', 'https://a.example/path', "https://a.example; script-src 'self'", "'none'"]) {
    expect(() => readConfig({ FRAME_ANCESTORS: wrong })).toThrow(/FRAME_ANCESTORS: must be origins/);
  }
});

it('needs both keys of Turnstile if Turnstile poses the challenges', () => {
  const keys = { TURNSTILE_SITE_KEY: 'site', TURNSTILE_SECRET_KEY: 'secret' };
  const turnstile = { CHALLENGE_PROVIDER: 'turnstile', ...keys };
  expect(readConfig(keys).challenge.turnstile).toBeNull();
  expect(readConfig(turnstile).challenge.turnstile).toMatchObject({ siteKey: 'site', secretKey: 'secret' });
  for (const missing of Object.keys(keys)) {
    expect(() => readConfig({ ...turnstile, [missing]: '' })).toThrow(/CHALLENGE_PROVIDER=turnstile needs/);
  }
});

it('returns settings that cannot be changed', () => {
  expect(Object.isFrozen(readConfig({}))).toBe(true);
});

it('switches the protection against bots off with one setting, for load tests', () => {
  const { challenge, budgets, riskThresholds, coolDowns } = readConfig({ BOT_PROTECTION: 'false' });
  expect(challenge.policy).toBe('never');
  expect([budgets.addressSeats.max, budgets.addressPlaces.max, budgets.keySeatsMax, budgets.keyPlacesMax]).toEqual([
    0, 0, 0, 0,
  ]);
  expect(riskThresholds).toEqual({ challenge: 101, slow: 101, refuse: 101 });
  expect(coolDowns).toMatchObject({ firstWaitMs: 0, sameSeatsMs: 0 });
  expect(readConfig({}).challenge.policy).toBe('risk');
});
