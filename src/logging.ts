import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import type { Params } from 'nestjs-pino';
import type { SerializedRequest, SerializedResponse } from 'pino';
import { describeError, type ErrorRecord, isErrorLike } from './common/error-record.js';
import { StartError } from './common/start-error.js';
import type { Config } from './config/config.js';

/**
 * Limits what the log contains about requests and errors. About a request, it leaves out the sender's address, and the
 * headers because they contain tokens and keys. Logging the headers with their secrets redacted took a tenth of a
 * call's CPU time, even if the log line was not written in the end.
 */
export const logSerializers = {
  // pino has copied all fields of the error before it calls this function, but it also passes the error itself.
  err: (error: unknown): ErrorRecord => describeError(originalOf(error)),
  req: ({ id, method, url }: Pick<SerializedRequest, 'id' | 'method' | 'url'>) => ({
    id,
    method,
    url: withoutSecrets(url),
  }),
  // The headers of a response may set the cookie of an operator.
  res: ({ statusCode }: SerializedResponse) => ({ statusCode }),
};

/** Returns the error from which pino created its copy. */
const originalOf = (copy: unknown): unknown =>
  typeof copy === 'object' && copy !== null && 'raw' in copy ? copy.raw : copy;

/**
 * Replaces the errors in the fields of a log line by their descriptions, whatever the fields are called. pino would log
 * every field of such an error.
 */
function describeErrors(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(fields);
  return Object.fromEntries(entries.map(([name, value]) => [name, isErrorLike(value) ? describeError(value) : value]));
}

/** Formats the fields of a log line. A serializer describes the error in the field `err`. */
export const formatFields = ({ err, ...fields }: Record<string, unknown>): Record<string, unknown> => ({
  ...describeErrors(fields),
  ...(err === undefined ? {} : { err }),
});

/**
 * Logs until the service has its real logger. It prints errors as the real logger does. Nest's own console logger would
 * print every field of an error.
 */
export class StartLogger extends ConsoleLogger {
  constructor() {
    // These levels hide the line that Nest logs for every route.
    super({ logLevels: ['warn', 'error', 'fatal'] });
  }

  /** Nest logs each error that prevents the start, with its stack. `main.ts` prints a StartError in one line instead. */
  override error(message: unknown, ...details: unknown[]): void {
    if (!(message instanceof StartError)) super.error(message, ...details);
  }

  protected override printMessages(
    messages: unknown[],
    context?: string,
    logLevel?: LogLevel,
    writeStreamType?: 'stdout' | 'stderr',
    errorStack?: unknown,
    params?: Record<string, unknown>,
  ): void {
    const printable = params && describeErrors(params);
    super.printMessages(messages.map(toPrintable), context, logLevel, writeStreamType, errorStack, printable);
  }
}

/** Returns a part of a message without the fields of errors that the log leaves out. */
function toPrintable(part: unknown): unknown {
  if (part instanceof Error) return describeError(part);
  return typeof part === 'object' && part !== null ? describeErrors(Object.fromEntries(Object.entries(part))) : part;
}

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
      formatters: { log: formatFields },
      // A log line per request helps only while someone investigates a problem, and it costs a busy node too much time.
      autoLogging: logLevel === 'debug' || logLevel === 'trace',
      ...(isInTerminal ? { transport: { target: 'pino-pretty', options: { singleLine: true } } } : {}),
    },
  };
}
