import { describe, expect, it } from '@jest/globals';
import { readConfig, readServiceConfig } from './config.js';

const secret = 'x'.repeat(32);

it('runs embedded on the defaults of the contract when nothing is set', () => {
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

it('listens everywhere and loads no demo on a database of its own', () => {
  const config = readConfig({ DATABASE_URL: 'postgres://a:b@127.0.0.1/usher', SESSION_SECRET: secret });
  expect([config.host, config.shouldLoadDemo]).toEqual(['0.0.0.0', false]);
});

it('names every bad setting and what it should have been', () => {
  expect(() => readConfig({ PORT: 'http', HOLD_SECONDS: '0', DATABASE_URL: 'mysql://x' })).toThrow(
    /PORT: .*; DATABASE_URL: must be a postgres:\/\/ URL; HOLD_SECONDS: /,
  );
  expect(() => readConfig({ SESSION_SECRET: 'short' })).toThrow(/SESSION_SECRET: must be 32 bytes/);
  expect(() => readConfig({ MAX_SEATS: '11' })).toThrow(/MAX_SEATS/);
});

describe('a service on a database of its own', () => {
  const complete = {
    DATABASE_URL: 'postgres://127.0.0.1/usher',
    SESSION_SECRET: secret,
    PAYMENT_PROVIDER: 'sandbox',
    PUBLIC_URL: 'https://tickets.example.com',
  };

  it.each(['SESSION_SECRET', 'PAYMENT_PROVIDER', 'PUBLIC_URL'])(
    'needs %s, and is told why, with an example',
    (name) => {
      for (const value of [undefined, '']) {
        expect(() => readServiceConfig({ ...complete, [name]: value })).toThrow(
          new RegExp(`^[^]*needs\\. ${name} is needed (to|because) .*${name}=`),
        );
      }
    },
  );

  it('is told of all missing settings at once', () => {
    const { DATABASE_URL } = complete;
    expect(() => readServiceConfig({ DATABASE_URL })).toThrow(
      /SESSION_SECRET is needed .*PAYMENT_PROVIDER is needed .*PUBLIC_URL is needed /,
    );
  });

  it('takes sandbox payments if they were chosen', () => {
    expect(readServiceConfig(complete)).toMatchObject({ paymentProvider: 'sandbox', shouldLoadDemo: false });
  });
});

it('serves embedded, and runs programs that serve nobody, without any of these settings', () => {
  expect(readServiceConfig({})).toMatchObject({ databaseUrl: null, paymentProvider: 'sandbox', publicUrl: null });
  expect(readConfig({ DATABASE_URL: 'postgres://127.0.0.1/usher' }).shouldLoadDemo).toBe(false);
});

it('takes an empty variable for one that is not set', () => {
  expect(readConfig({ PORT: '', DATABASE_URL: '' }).port).toBe(3000);
});

it('reads several Redis addresses as a cluster', () => {
  expect(readConfig({ REDIS_URL: 'redis://a:1,redis://b:2' }).redisUrls).toEqual(['redis://a:1', 'redis://b:2']);
});

it('takes an origin as PUBLIC_URL and RETURN_ORIGINS, and refuses a path', () => {
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

it('cannot be changed after the start', () => {
  expect(Object.isFrozen(readConfig({}))).toBe(true);
});
