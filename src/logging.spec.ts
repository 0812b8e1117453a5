import { once } from 'node:events';
import { createServer } from 'node:http';
import { Writable } from 'node:stream';
import { expect, it } from '@jest/globals';
import { pinoHttp } from 'pino-http';
import { z } from 'zod';
import { logSerializers } from './logging.js';

/** Logs an error as the service does. Returns the log line. */
function logError(error: Error): string {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  pinoHttp({ serializers: logSerializers }, stream).logger.error({ err: error }, 'a test');
  return lines.join('');
}

it('logs the address of a page without the access code of an invitation', () => {
  const addressOf = (url: string) => logSerializers.req({ id: '1', method: 'GET', url }).url;
  expect(addressOf('/shows/7?lang=de&code=BCDFG-HJKMN&x=1')).toBe('/shows/7?lang=de&code=…&x=1');
  expect(addressOf('/v1/shows/7')).toBe('/v1/shows/7');
});

it('logs an error of the database without the row that the error quotes', () => {
  const sessionId = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071';
  const fields = { code: '23505', detail: `Key (session_id)=(${sessionId}) already exists.`, where: sessionId };
  const error = Object.assign(new TypeError('duplicate key'), fields);
  const line = logError(new Error('could not write', { cause: error }));
  for (const one of [line, logError(error)]) {
    expect(one).not.toContain(sessionId);
    expect(one).toContain('duplicate key');
  }
  expect(JSON.parse(logError(error))).toMatchObject({ err: { type: 'TypeError', code: '23505' } });
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
