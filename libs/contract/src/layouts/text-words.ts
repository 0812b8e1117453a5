/** An error in a layout's text. People read the message. */
export class LayoutTextError extends Error {
  override readonly name = 'LayoutTextError';
}

const word = /"([^"]*)"|([^\s"]+)/gu;

/** Characters of a wrong word that an error repeats. */
const quotedMax = 40;

/** Words that a line may have. The longest line, a section with every option, has 13. */
const wordsMax = 30;

/** A word as an error quotes it. A long one is cut. */
export const quote = (text: string): string =>
  text.length <= quotedMax ? `"${text}"` : `"${text.slice(0, quotedMax)}…"`;

/** The words of a line; `"…"` is one word. What follows a `#` that begins a word is a comment. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  for (const [whole, inQuotes, bare] of line.matchAll(word)) {
    if (whole.startsWith('#')) return words;
    if (words.length === wordsMax) throw new LayoutTextError(`a line has at most ${wordsMax} words`);
    words.push(inQuotes ?? bare ?? '');
  }
  if ((line.split('#')[0]?.split('"').length ?? 1) % 2 === 0)
    throw new LayoutTextError('a quotation mark is not closed');
  return words;
}

/** A number of a line, e.g. `3.5` or `-31`. @throws LayoutTextError */
export function parseNumber(text: string | undefined, what: string, min: number, max: number): number {
  const value = text !== undefined && /^-?\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new LayoutTextError(
    `${what} wants a number from ${min} to ${max}, not ${text === undefined ? 'nothing' : quote(text)}`,
  );
}

/** How many words follow the name of each option. */
type OptionSpec = Readonly<Record<string, 1 | 2>>;

/** The options at the end of a line: `round 33 at 0 -5`. @throws LayoutTextError for one that is not known or comes twice */
export function parseOptions(words: readonly string[], spec: OptionSpec): Map<string, readonly string[]> {
  const options = new Map<string, readonly string[]>();
  for (let at = 0; at < words.length;) {
    const name = words[at] ?? '';
    const count = Object.hasOwn(spec, name) ? spec[name] : undefined;
    if (count === undefined) throw new LayoutTextError(`${quote(name)} is none of ${Object.keys(spec).join(', ')}`);
    if (options.has(name)) throw new LayoutTextError(`${name} comes twice`);
    const values = words.slice(at + 1, at + 1 + count);
    if (values.length < count) throw new LayoutTextError(`${name} wants ${count === 1 ? 'a value' : 'two numbers'}`);
    options.set(name, values);
    at += 1 + count;
  }
  return options;
}
