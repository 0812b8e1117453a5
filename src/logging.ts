import type { Params } from 'nestjs-pino';
import type { SerializedError, SerializedRequest, SerializedResponse } from 'pino';
import type { Config } from './config/config.js';

/**
 * Limits what the log contains about requests and errors. About a request, it leaves out the sender's address, and the
 * headers because they contain tokens and keys. Logging the headers with their secrets redacted took a tenth of a
 * call's CPU time, even if the log line was not written in the end.
 */
export const logSerializers = {
  // PostgreSQL puts the values of a row into these fields, and a row may name a session or an address.
  err: ({ detail: _, where: __, ...fields }: SerializedError) => fields,
  req: ({ id, method, url }: Pick<SerializedRequest, 'id' | 'method' | 'url'>) => ({
    id,
    method,
    url: withoutSecrets(url),
  }),
  // The headers of a response may set the cookie of an operator.
  res: ({ statusCode }: SerializedResponse) => ({ statusCode }),
};

/**
 * Removes the query of a sign-in, which contains the code of the identity provider. Masks the access code in the address
 * of a page, because the link of an invitation contains one.
 */
const withoutSecrets = (url: string): string =>
  url.startsWith('/v1/operators/') ? url.replace(/\?.*/s, '') : url.replaceAll(/([?&]code=)[^&#]*/gi, '$1…');

/**
 * Returns the logger's options. Log lines are JSON. If the service uses its embedded database and runs in a terminal,
 * log lines are formatted for reading.
 */
export function createLoggerParams({ logLevel, databaseUrl }: Config): Params {
  const isInTerminal = databaseUrl === null && process.stdout.isTTY;
  return {
    pinoHttp: {
      level: logLevel,
      serializers: logSerializers,
      // A log line per request helps only while someone investigates a problem, and it costs a busy node too much time.
      autoLogging: logLevel === 'debug' || logLevel === 'trace',
      ...(isInTerminal ? { transport: { target: 'pino-pretty', options: { singleLine: true } } } : {}),
    },
  };
}
