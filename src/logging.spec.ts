import { once } from 'node:events';
import { createServer } from 'node:http';
import { Writable } from 'node:stream';
import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { pinoHttp } from 'pino-http';
import { z } from 'zod';
import { formatFields, logSerializers, StartLogger } from './logging.js';

/** Logs fields as the service does. Returns the log line. */
function logFields(fields: object): string {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  pinoHttp({ serializers: logSerializers, formatters: { log: formatFields } }, stream).logger.error(fields, 'a test');
  return lines.join('');
}

const logError = (err: unknown): string => logFields({ err });

afterEach(() => {
  jest.restoreAllMocks();
});

/** Logs as the service does while it starts. Returns what was printed. */
function logAtStart(...parts: [unknown, ...unknown[]]): string {
  const printed: string[] = [];
  for (const output of [process.stdout, process.stderr]) {
    jest.spyOn(output, 'write').mockImplementation((text) => {
      printed.push(String(text));
      return true;
    });
  }
  const logger = new StartLogger();
  logger.warn(...parts);
  logger.error(...parts);
  jest.restoreAllMocks();
  return printed.join('');
}

/** Logs an error in every way that the code of the service and Nest use. */
function logInEveryWay(error: Error): string[] {
  const wrapped = new Error('could not do it', { cause: error });
  const joined = new AggregateError([error], 'nothing worked');
  const viaPino = [{ err: error }, { err: wrapped }, { err: joined }, { failure: error }].map(logFields);
  const atStart = [[{ err: error }, 'a test'], [{ err: wrapped }], [error], ['a test', error], [{ failure: error }]];
  return [...viaPino, ...atStart.map(([first, ...others]) => logAtStart(first, ...others))];
}

const secret = 'secret-value';

/** What libraries attach to their errors. Each value contains the secret. */
const attached: readonly [library: string, fields: object][] = [
  ['ioredis', { command: { name: 'hello', args: ['3', 'AUTH', 'default', secret] } }],
  [
    'ioredis, for a transaction',
    { previousErrors: [{ command: { args: [secret] } }], lastNodeError: { args: secret } },
  ],
  ['pg', { detail: `Key (session_id)=(${secret}) exists.`, where: secret, internalQuery: secret, hint: secret }],
  ['MikroORM', { query: secret, parameters: [secret], params: [secret], sql: secret }],
  ['nodemailer', { response: `550 ${secret}`, envelope: { to: [secret] }, rejected: [secret], command: secret }],
  ['an HTTP client', { config: { headers: { authorization: secret } }, request: secret, response: { data: secret } }],
  ['openid-client', { body: secret, error_description: secret, response: { id_token: secret }, tokens: secret }],
  ['web-push', { endpoint: secret, body: secret, headers: { location: secret } }],
  ['stripe', { raw: { message: secret }, headers: { 'request-id': secret }, param: secret, payment_intent: secret }],
  ['Node', { input: secret, path: secret, spawnargs: [secret], rawPacket: secret, cert: secret, hostname: secret }],
  ['a library that gives known fields another type', { code: { secret }, status: [secret], syscall: [secret] }],
  ['a library that uses `cause` and `errors` for other things', { cause: { secret }, errors: [{ secret }] }],
];

describe('the log of an error', () => {
  it.each(attached)('contains none of the fields that %s attaches', (_, fields) => {
    const error = Object.assign(new TypeError('it failed'), fields);
    for (const line of logInEveryWay(error)) {
      expect(line).not.toContain(secret);
      expect(line).toContain('it failed');
    }
  });

  it('contains class, message, stack, code and cause', () => {
    const cause = Object.assign(new TypeError('duplicate key'), { code: '23505', constraint: 'seat_pkey' });
    const { err } = JSON.parse(
      logError(Object.assign(new Error('could not write', { cause }), { syscall: 'connect' })),
    );
    expect(err).toEqual({
      type: 'Error',
      message: 'could not write',
      stack: expect.stringContaining('logging.spec'),
      syscall: 'connect',
      cause: {
        type: 'TypeError',
        message: 'duplicate key',
        stack: expect.stringContaining('logging.spec'),
        code: '23505',
        constraint: 'seat_pkey',
      },
    });
  });

  it.each([
    'cannot connect to redis://default:secret-value@10.0.0.1:6379/0',
    'cannot connect to redis://:p@ss/secret-value@host',
    'Request cannot be constructed from a URL that includes credentials: https://user:secret-value@host/path',
    'Failed to parse URL from https://host/callback?code=secret-value&state=1',
  ])('contains no secret of a URL in a message: %s', (message) => {
    for (const line of logInEveryWay(new Error(message))) expect(line).not.toContain(secret);
    expect(logError(message)).not.toContain(secret);
  });

  it('contains no value that PostgreSQL quotes because it refuses the value', () => {
    const message = `invalid input syntax for type uuid: "${secret}"`;
    for (const line of logInEveryWay(Object.assign(new Error(message), { code: '22P02' }))) {
      expect(line).not.toContain(secret);
      expect(line).toContain('invalid input syntax for type uuid');
    }
  });

  it('keeps messages that contain no secret', () => {
    for (const message of ['WRONGPASS invalid username-password pair', 'getaddrinfo ENOTFOUND redis.internal']) {
      expect(JSON.parse(logError(new Error(message))).err.message).toBe(message);
    }
  });

  it('ends for an error that is its own cause, and contains nothing of a value that is no error', () => {
    const circular = new Error('circular');
    circular.cause = circular;
    for (const line of logInEveryWay(circular)) expect(line.length).toBeLessThan(30_000);
    expect(logError({ secret })).not.toContain(secret);
  });

  it('stays the same when Nest passes it to the logger of the start', () => {
    const printed: string[] = [];
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed.push(String(text));
      return true;
    });
    Logger.overrideLogger(new StartLogger());
    const error = Object.assign(new Error('WRONGPASS'), { command: { args: [secret] } });
    new Logger('NodeBus').warn({ err: error }, 'Redis is unreachable');
    expect(printed.join('')).toContain('WRONGPASS');
    expect(printed.join('')).not.toContain(secret);
  });
});

it('logs the address of a page without the access code of an invitation', () => {
  const addressOf = (url: string) => logSerializers.req({ id: '1', method: 'GET', url }).url;
  expect(addressOf('/shows/7?lang=de&code=BCDFG-HJKMN&x=1')).toBe('/shows/7?lang=de&code=…&x=1');
  expect(addressOf('/v1/shows/7')).toBe('/v1/shows/7');
});

it('logs a request without the secrets of a sign-in', async () => {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const log = pinoHttp({ serializers: logSerializers }, stream);
  const server = createServer((request, response) => {
    log(request, response);
    response.setHeader('Set-Cookie', 'usher-operator=secret-token').end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const headers = { cookie: 'usher-operator=secret-token', connection: 'close' };
  await fetch(`http://127.0.0.1:${port}/v1/operators/callback?code=secret-code&state=secret-state`, { headers });
  server.close();
  await once(server, 'close');
  expect(lines.join('')).toContain('/v1/operators/callback');
  expect(lines.join('')).not.toContain('secret');
});
