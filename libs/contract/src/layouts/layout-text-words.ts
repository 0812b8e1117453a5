/** An error in the text of a layout. Its message is for the person who wrote the text. */
export class LayoutTextError extends Error {
  override readonly name = 'LayoutTextError';
}

const word = /"([^"]*)"|([^\s"]+)/gu;

/** Maximum number of characters that an error message quotes from an invalid word. */
const quotedLengthMax = 40;

/** Maximum number of words in a line. The longest valid line is a section with every option. It has 13 words. */
const lineWordsMax = 30;

/** Puts a word in quotation marks for an error message, and shortens a long word. */
export const quote = (text: string): string =>
  text.length <= quotedLengthMax ? `"${text}"` : `"${text.slice(0, quotedLengthMax)}…"`;

/**
 * Splits a line into words. Text in quotation marks is one word. A `#` at the beginning of a word begins a comment.
 *
 * @throws LayoutTextError if the line has too many words or a quotation mark that is not closed
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  for (const [whole, inQuotes, bare] of line.matchAll(word)) {
    if (whole.startsWith('#')) return words;
    if (words.length === lineWordsMax) throw new LayoutTextError(`a line may have at most ${lineWordsMax} words`);
    words.push(inQuotes ?? bare ?? '');
  }
  if ((line.split('#')[0]?.split('"').length ?? 1) % 2 === 0)
    throw new LayoutTextError('a quotation mark is not closed');
  return words;
}

/**
 * Parses a number such as `3.5` or `-31`.
 *
 * @param what the name of the number for the error message
 * @throws LayoutTextError if the text is not a number from `min` to `max`
 */
export function parseNumber(text: string | undefined, what: string, min: number, max: number): number {
  const value = text !== undefined && /^-?\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new LayoutTextError(
    text === undefined
      ? `${what} needs a number from ${min} to ${max}`
      : `${what} must be a number from ${min} to ${max}, not ${quote(text)}`,
  );
}

/** The number of values that follow the name of each option. */
type OptionSpec = Readonly<Record<string, 1 | 2>>;

/**
 * Parses the options at the end of a line, e.g. `round 33 at 0 -5`.
 *
 * @throws LayoutTextError if an option is unknown, is repeated or lacks a value
 */
export function parseOptions(words: readonly string[], spec: OptionSpec): Map<string, readonly string[]> {
  const options = new Map<string, readonly string[]>();
  for (let at = 0; at < words.length;) {
    const name = words[at] ?? '';
    const count = Object.hasOwn(spec, name) ? spec[name] : undefined;
    if (count === undefined) {
      throw new LayoutTextError(`${quote(name)} is not an option; use ${Object.keys(spec).join(', ')}`);
    }
    if (options.has(name)) throw new LayoutTextError(`${name} is given twice`);
    const values = words.slice(at + 1, at + 1 + count);
    if (values.length < count) throw new LayoutTextError(`${name} needs ${count === 1 ? 'a value' : 'two numbers'}`);
    options.set(name, values);
    at += 1 + count;
  }
  return options;
}
