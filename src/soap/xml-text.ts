/** Control characters and the like, which XML 1.0 has no way to write. */
const unwritable = /(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]/gu;

/** A text without the characters that no XML can have. */
export const safeText = (text: string): string => text.toWellFormed().replaceAll(unwritable, '\uFFFD');

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A text as the content of an element or a quoted attribute. */
export const escaped = (text: string): string =>
  safeText(text).replaceAll(/[&<>"]/g, (character) => escapes[character] ?? '');

/**
 * What is answered, as the SOAP package should write it: null is no element, and all text is text. (It writes what begins
 * as CDATA and ends so as it is.)
 */
export function writable(value: unknown): unknown {
  if (typeof value === 'string') return safeText(value).replace(/^<!\[CDATA\[/, '<! [CDATA[');
  if (Array.isArray(value)) return value.map(writable);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, writable(field)]));
}
