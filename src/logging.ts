import type { Params } from 'nestjs-pino';
import type { SerializedRequest } from 'pino';
import type { Config } from './config/config.js';

/**
 * What a log says of a request: nothing of its headers, where tokens and keys are, nor of who sent it. With the headers, and
 * what is secret of them left out, a log of nothing took a tenth of a call's CPU.
 */
const serializers = {
  req: ({ id, method, url }: SerializedRequest) => ({ id, method, url }),
};

/** JSON lines; readable ones where a person watches the embedded service's terminal. */
export function createLoggerParams({ logLevel, databaseUrl }: Config): Params {
  const watched = databaseUrl === null && process.stdout.isTTY;
  return {
    pinoHttp: {
      level: logLevel,
      serializers,
      // One line a request is for who looks for something; a busy node has better uses for the time.
      autoLogging: logLevel === 'debug' || logLevel === 'trace',
      ...(watched ? { transport: { target: 'pino-pretty', options: { singleLine: true } } } : {}),
    },
  };
}
