import { z } from 'zod';

/**
 * Characters that break a line or reorder the text after them: C0 and C1 control characters, line and paragraph
 * separators, and bidirectional embeddings, overrides and isolates. A name that contains such a character breaks
 * calendar files, mails and tickets.
 */
const controlCharacter = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

/** The same characters except tab and newline, which prose may contain. */
const controlCharacterInProse = /(?![\t\n])[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

const visibleCharacter = /[^\p{Z}\p{C}]/u;

/** Returns true if a text is one line without control characters, as every name must be. */
export const isSingleLine = (value: string): boolean => !controlCharacter.test(value) && value.isWellFormed();

const singleLineError = 'must be one line without control characters';

/**
 * Returns a schema for text that programs write, such as tokens. For text that people write, use {@link nameSchema} or
 * {@link proseSchema}. The schema refuses what PostgreSQL cannot store: the NUL character and half a surrogate pair.
 *
 * @param lengthMax in UTF-16 code units
 */
export const textSchema = (lengthMax: number) =>
  z
    .string()
    .max(lengthMax)
    .refine((value) => !value.includes('\0') && value.isWellFormed(), 'must be text without NUL or broken surrogates');

/**
 * Returns a schema for one line that a person wrote. The schema removes white space at both ends and accepts an empty
 * line.
 */
export const singleLineSchema = (lengthMax: number) =>
  z.string().refine(isSingleLine, singleLineError).trim().max(lengthMax);

/** Returns a schema for a name, label or title: one line with at least one visible character. */
export const nameSchema = (lengthMax: number) =>
  singleLineSchema(lengthMax)
    .min(1)
    .refine((value) => value === '' || visibleCharacter.test(value), 'must have a visible character');

/**
 * Returns a schema for text of several lines, such as a synopsis. The schema accepts tab and newline, and converts all
 * line ends to `\n`.
 */
export const proseSchema = (lengthMax: number) =>
  z
    .string()
    .overwrite((value) => value.replaceAll(/\r\n?/g, '\n'))
    .refine(
      (value) => !controlCharacterInProse.test(value) && value.isWellFormed(),
      'must be text without control characters other than tab and newline',
    )
    .max(lengthMax);

/**
 * Returns a schema for the address of a page or an endpoint. The schema checks for control characters itself, because
 * `URL` would silently remove them.
 */
export const webAddressSchema = (protocol: RegExp, error: string) =>
  z.url({ protocol, error, normalize: false }).refine(isSingleLine, singleLineError);
