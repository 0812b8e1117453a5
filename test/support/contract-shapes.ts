import { errorCodes } from '@usher/contract';
import { z } from 'zod';

/**
 * Checks that a value matches a schema of the contract, and returns the same value with its type. Fields that the
 * schema does not name stay in the value, so that a test can see them.
 *
 * @throws Error that names the wrong fields
 */
export function validate<T>(schema: z.ZodType<T>, value: unknown): T {
  const { error } = schema.safeParse(value);
  const isValid = (tested: unknown): tested is T => tested !== undefined && error === undefined;
  if (isValid(value)) return value;
  const problem = error ? z.prettifyError(error) : 'There is no value.';
  throw new Error(`${problem}\nThe value is ${JSON.stringify(value)}`);
}

/** Parses a JSON text. @throws Error if it does not match the schema */
export const parseJson = <T>(schema: z.ZodType<T>, text: string | Uint8Array): T =>
  validate(schema, JSON.parse(typeof text === 'string' ? text : Buffer.from(text).toString()));

/** Parses one part of a token or of a cursor, which is JSON encoded as base64url. */
export const parseEncodedJson = <T>(schema: z.ZodType<T>, part: string): T =>
  parseJson(schema, Buffer.from(part, 'base64url'));

/** Reads the JSON body of an answer. @throws Error if it does not match the schema */
export const readJson = async <T>(schema: z.ZodType<T>, answer: Response): Promise<T> =>
  validate(schema, await answer.json());

/** A refusal that lists the invalid fields of a request. */
const InvalidRequest = z.object({ code: z.literal('INVALID_REQUEST'), ...errorCodes.INVALID_REQUEST.fields });

/** Returns the invalid fields that a refusal lists. @throws Error if the body is not such a refusal */
export const readIssues = (body: unknown) => validate(InvalidRequest, body).issues;
