/** What logs contain about an error. */
export interface ErrorRecord {
  /** The class of the error. */
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  /** The fields of {@link copiedFields}. */
  readonly [field: string]: unknown;
  readonly cause?: ErrorRecord;
  /** The errors of an `AggregateError`. */
  readonly errors?: readonly ErrorRecord[];
}

/**
 * Further fields of errors that logs contain. All other fields are left out, because libraries attach secrets and
 * personal data to their errors: ioredis the arguments of a command (also those of `AUTH`), pg the values of a row, mail
 * libraries the addresses, and HTTP clients the headers and bodies.
 */
const copiedFields = ['code', 'syscall', 'constraint', 'table', 'status', 'statusCode'] as const;

/** Maximum length of a text field, in characters. */
const fieldCharactersMax = 200;

/** Maximum length of a message and of a stack, in characters. */
const textCharactersMax = 10_000;

/** Maximum number of nested errors below an error, so that a circular cause comes to an end. */
const nestingMax = 5;

/** Maximum number of errors that are listed of an `AggregateError`. */
const errorsMax = 10;

/** SQLSTATE class 22: PostgreSQL refused a value, and its message quotes the value. */
const dataExceptionCode = /^22[0-9A-Z]{3}$/;

/** Describes a thrown value for logs. Its result contains only known fields, and no text in it contains a password. */
export function describeError(thrown: unknown, nesting = 0): ErrorRecord {
  if (typeof thrown === 'string') return { type: 'string', message: hideUrlSecrets(thrown) };
  if (!isErrorLike(thrown)) return { type: typeof thrown, message: 'The thrown value is not an error.' };
  const hasValues = 'code' in thrown && typeof thrown.code === 'string' && dataExceptionCode.test(thrown.code);
  const message = hasValues ? thrown.message.replaceAll(/"[^"]*"/g, '"…"') : thrown.message;
  const stack = 'stack' in thrown && typeof thrown.stack === 'string' ? thrown.stack : '';
  const ownStack = message === thrown.message ? stack : stack.replaceAll(thrown.message, () => message);
  return {
    type: typeOf(thrown),
    message: hideUrlSecrets(message),
    ...(stack === '' ? {} : { stack: hideUrlSecrets(ownStack) }),
    ...copyFields(thrown),
    ...(nesting < nestingMax ? describeNested(thrown, nesting + 1) : {}),
  };
}

/**
 * Removes secrets from the URLs in a text: the user with the password, and the query, which may contain tokens or the
 * code of a sign-in.
 */
export function hideUrlSecrets(text: string): string {
  return text
    .slice(0, textCharactersMax)
    .replaceAll(/(\b[a-z][a-z0-9+.-]{1,20}:\/\/)[^\s"'<>]*@/gi, '$1…@')
    .replaceAll(/(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>?]*)\?[^\s"'<>]*/gi, '$1?…');
}

interface ErrorLike {
  readonly message: string;
}

/** Returns true also for an error that another realm or another thread created. */
export function isErrorLike(value: unknown): value is ErrorLike {
  return value instanceof Error || (isObject(value) && 'message' in value && typeof value.message === 'string');
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function typeOf(error: ErrorLike): string {
  const { constructor: creator } = error;
  return typeof creator === 'function' && creator.name !== '' ? creator.name : 'Error';
}

function copyFields(error: ErrorLike): Record<string, unknown> {
  const values = new Map<string, unknown>(Object.entries(error));
  const copied: Record<string, unknown> = {};
  for (const field of copiedFields) {
    const value = values.get(field);
    if (typeof value === 'number') copied[field] = value;
    if (typeof value === 'string') copied[field] = hideUrlSecrets(value).slice(0, fieldCharactersMax);
  }
  return copied;
}

function describeNested(error: ErrorLike, nesting: number): Pick<ErrorRecord, 'cause' | 'errors'> {
  const cause = 'cause' in error ? error.cause : undefined;
  const errors: unknown = 'errors' in error ? error.errors : undefined;
  return {
    // Libraries also use these names for other things, so only errors are described.
    ...(isErrorLike(cause) ? { cause: describeError(cause, nesting) } : {}),
    ...(Array.isArray(errors)
      ? { errors: errors.slice(0, errorsMax).map((one: unknown) => describeError(one, nesting + 1)) }
      : {}),
  };
}
