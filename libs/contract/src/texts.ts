import { z } from 'zod';

/**
 * Characters that break a line or reorder the text after them: C0 and C1 control characters, line and paragraph separators,
 * bidirectional embeddings, overrides and isolates. A name with one of them breaks calendar files, mails and tickets.
 */
const controlCharacter = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

/** The same in prose, where tab and newline are allowed. */
const controlCharacterOfProse = /(?![\t\n])[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

const visibleCharacter = /[^\p{Z}\p{C}]/u;

/** Whether a text may be a name, or a part of one: one line without control characters. */
export const isSingleLine = (value: string): boolean => !controlCharacter.test(value) && value.isWellFormed();

const singleLineError = 'must be one line without control characters';

/**
 * Text of at most `length` characters that PostgreSQL can store: it has no place for the NUL character, and half a
 * surrogate pair is not text. For what machines write, such as tokens; people write a {@link nameSchema} or {@link proseSchema}.
 */
export const textSchema = (length: number) =>
  z
    .string()
    .max(length)
    .refine((value) => !value.includes('\0') && value.isWellFormed(), 'must be text without NUL or broken surrogates');

/** One line that a person wrote, without the white space around it. It may be empty. */
export const singleLineSchema = (length: number) => z.string().refine(isSingleLine, singleLineError).trim().max(length);

/** A name, label or title: one line with at least one visible character. */
export const nameSchema = (length: number) =>
  singleLineSchema(length)
    .min(1)
    .refine((value) => value === '' || visibleCharacter.test(value), 'must have a visible character');

/** Text of several lines, such as a synopsis. Tab and newline are allowed, and line ends become `\n`. */
export const proseSchema = (length: number) =>
  z
    .string()
    .overwrite((value) => value.replaceAll(/\r\n?/g, '\n'))
    .refine(
      (value) => !controlCharacterOfProse.test(value) && value.isWellFormed(),
      'must be text without control characters other than tab and newline',
    )
    .max(length);

/** The address of a page or an endpoint. `URL` drops control characters, so they are refused before it reads the text. */
export const webAddressSchema = (protocol: RegExp, error: string) =>
  z.url({ protocol, error, normalize: false }).refine(isSingleLine, singleLineError);
