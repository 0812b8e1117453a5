import type { Params } from 'nestjs-pino';
import type { SerializedRequest } from 'pino';
import type { Config } from './config/config.js';

/**
 * Limits what the log contains about a request. Headers are left out because they contain tokens and keys, and so is
 * the sender. To log the headers and redact their secrets took a tenth of a call's CPU time, even for a log line that
 * was not written.
 */
const serializers = {
  req: ({ id, method, url }: SerializedRequest) => ({ id, method, url }),
};

/**
 * Returns the logger's options. The log has JSON lines, or readable lines if the embedded service runs in a terminal.
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
