import type { Params } from 'nestjs-pino';
import type { SerializedRequest } from 'pino';
import type { Config } from './config/config.js';

/**
 * Limits what the log contains about a request. It leaves out the sender's address, and the headers because they
 * contain tokens and keys. Logging the headers with their secrets redacted took a tenth of a call's CPU time, even if
 * the log line was not written in the end.
 */
const serializers = {
  req: ({ id, method, url }: SerializedRequest) => ({ id, method, url }),
};

/**
 * Returns the logger's options. Log lines are JSON. If the service uses its embedded database and runs in a terminal,
 * log lines are formatted for reading.
 */
export function createLoggerParams({ logLevel, databaseUrl }: Config): Params {
  const isInTerminal = databaseUrl === null && process.stdout.isTTY;
  return {
    pinoHttp: {
      level: logLevel,
      serializers,
      // A log line per request helps only while someone investigates a problem, and it costs a busy node too much time.
      autoLogging: logLevel === 'debug' || logLevel === 'trace',
      ...(isInTerminal ? { transport: { target: 'pino-pretty', options: { singleLine: true } } } : {}),
    },
  };
}
