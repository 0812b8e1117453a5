/** Encodes a text in UTF-16, as hexadecimal digits. */
export const utf16 = (text: string): string =>
  Array.from({ length: text.length }, (_, at) => text.charCodeAt(at).toString(16).padStart(4, '0')).join('');
