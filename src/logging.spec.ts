import { Writable } from 'node:stream';
import { expect, it } from '@jest/globals';
import { pinoHttp } from 'pino-http';
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
