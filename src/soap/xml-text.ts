import escapeHtml from 'escape-html';

/** Matches control characters and other characters that XML 1.0 does not allow. */
const forbiddenCharacters = /(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]/gu;

/** Replaces the characters that XML does not allow by U+FFFD. */
export const replaceForbiddenCharacters = (text: string): string =>
  text.toWellFormed().replaceAll(forbiddenCharacters, '\uFFFD');

/** Escapes a text for an element or a quoted attribute. The entities that `escapeHtml` writes are also valid in XML. */
export const escapeXml = (text: string): string => escapeHtml(replaceForbiddenCharacters(text));

/**
 * Prepares an answer for the SOAP package. The function removes null fields, so that the answer has no elements for
 * them. It also changes text that begins like a CDATA section, because the package would write a CDATA section without
 * escaping it.
 */
export function toWritable(value: unknown): unknown {
  if (typeof value === 'string') return replaceForbiddenCharacters(value).replace(/^<!\[CDATA\[/, '<! [CDATA[');
  if (Array.isArray(value)) return value.map(toWritable);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, toWritable(field)]));
}
