/** The text that a scanner or a person entered at a gate, after cleaning. */
export interface ScannedCode {
  /** The text to verify. It may or may not be a ticket's code. */
  readonly code: string;
  /** True if a keyboard layout or Caps Lock had changed the text. {@link code} then has the original text. */
  readonly isRepaired: boolean;
}

/**
 * A keyboard layout of the gate's device for which the scanner is not configured. The scanner sends the key presses of
 * a US keyboard. If the scanner sends `meant[0]`, this layout types `typed[0]`, and so on.
 */
interface KeyboardLayout {
  readonly meant: string;
  readonly typed: string;
}

/**
 * Each layout lists only characters that codes can contain: letters, digits, `-`, `_`, `.`, and the `]` of a symbology
 * identifier.
 */
const keyboardLayouts: readonly KeyboardLayout[] = [
  // The US keyboard itself, for text that only Caps Lock changed.
  { meant: '', typed: '' },
  // German, Austrian.
  { meant: 'yzYZ-_]', typed: 'zyZYß?+' },
  // Swiss.
  { meant: 'yzYZ-_', typed: "zyZY'?" },
  // Spanish, Italian, Portuguese.
  { meant: '-_]', typed: "'?+" },
  // Danish, Norwegian, Swedish, Finnish.
  { meant: '-_', typed: '+?' },
  // French and Belgian. They differ in the keys for 6 and 8.
  { meant: 'aqwzAQWZmM1234567890._-', typed: 'qazwQAZW,?&é"\'(-è_çà:°)' },
  { meant: 'aqwzAQWZmM1234567890.-_', typed: 'qazwQAZW,?&é"\'(§è!çà:)°' },
  // Czech and Slovak.
  { meant: 'yzYZ1234567890-_', typed: 'zyZY+ěščřžýáíé=%' },
  { meant: 'yzYZ1234567890-_', typed: 'zyZY+ľščťžýáíé=%' },
  // Hungarian.
  { meant: 'yzYZ0-_', typed: 'zyZYöüÜ' },
  // Turkish.
  { meant: 'i.-_', typed: 'ıç*?' },
];

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const jws = /^([\w-]+)\.([\w-]+)\.[\w-]{86}$/;

/**
 * Cleans the text that a scanner or a person entered at a gate. Scanners add characters around a code: control
 * characters such as GS, a byte-order mark, white space, or a symbology identifier such as `]Q1`. The function removes
 * them. It also reverses Caps Lock and the usual keyboard layouts, but only if the result has the form of a code. It
 * does not check the signature.
 */
export function readScannedCode(text: string): ScannedCode {
  const code = removeFrame(text);
  if (hasCodeForm(code)) return { code, isRepaired: false };
  for (const layout of keyboardLayouts) {
    const meant = removeFrame(reverseLayout(layout, text));
    for (const candidate of [meant, swapCase(meant)]) {
      if (candidate !== code && hasCodeForm(candidate)) return { code: candidate, isRepaired: true };
    }
  }
  return { code, isRepaired: false };
}

/** Returns true if a text has the form of a ticket's code or of a `ticketId`. It does not check the signature. */
export function hasCodeForm(text: string): boolean {
  if (uuid.test(text)) return true;
  const [, header = '', payload = ''] = jws.exec(text) ?? [];
  return isJsonObject(header) && isJsonObject(payload);
}

/**
 * Removes a symbology identifier, white space, and all control and format characters, such as GS, CR or a byte-order
 * mark. No code contains any of these.
 */
const removeFrame = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Z}]/gu, '').replace(/^\][A-Za-z][0-9A-Za-z]/, '');

function reverseLayout({ meant, typed }: KeyboardLayout, text: string): string {
  return Array.from(text, (character) => meant[typed.indexOf(character)] ?? character).join('');
}

/** Swaps upper and lower case. This reverses the effect of Caps Lock. */
const swapCase = (text: string): string =>
  text.replaceAll(/\p{L}/gu, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );

function isJsonObject(base64url: string): boolean {
  try {
    const bytes = Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
      character.charCodeAt(0),
    );
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
