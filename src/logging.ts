import type { Params } from 'nestjs-pino';
import type { Config } from './config/config.js';

/** Where tokens and keys come in: they never reach a log. */
const secretHeaders = ['req.headers.authorization', 'req.headers.cookie', 'req.headers["x-api-key"]'];

/** JSON lines; readable ones where a person watches the embedded service's terminal. */
export function logging({ logLevel, databaseUrl }: Config): Params {
  const watched = databaseUrl === null && process.stdout.isTTY;
  return {
    pinoHttp: {
      level: logLevel,
      redact: secretHeaders,
      // One line a request is for who looks for something; a busy node has better uses for the time.
      autoLogging: logLevel === 'debug' || logLevel === 'trace',
      ...(watched ? { transport: { target: 'pino-pretty', options: { singleLine: true } } } : {}),
    },
  };
}
