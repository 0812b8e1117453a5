/** A ticket's code as a scanner or a person entered it, cleaned. */
export interface ScannedCode {
  /** The text to verify. It need not be a ticket's code. */
  readonly code: string;
  /** True if the scanner's keyboard layout or Caps Lock had changed the text and {@link code} undoes that. */
  readonly isRepaired: boolean;
}

/** What a keyboard layout types where a scanner that assumes a US keyboard means `typed[0]` and so on. */
interface KeyboardLayout {
  readonly meant: string;
  readonly typed: string;
}

/** Only the characters of codes matter: letters, digits, `-`, `_`, `.`, and the `]` of a symbology identifier. */
const layouts: readonly KeyboardLayout[] = [
  // Caps Lock alone.
  { meant: '', typed: '' },
  // German, Austrian.
  { meant: 'yzYZ-_]', typed: 'zyZYß?+' },
  // Swiss.
  { meant: 'yzYZ-_', typed: "zyZY'?" },
  // Spanish, Italian, Portuguese.
  { meant: '-_]', typed: "'?+" },
  // Danish, Norwegian, Swedish, Finnish.
  { meant: '-_', typed: '+?' },
  // French and Belgian, which differ only in the last key.
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
 * Reads what a scanner or a person entered at a gate: removes what scanners add around a code (control characters such
 * as GS, a byte-order mark, white space, a symbology identifier such as `]Q1`), and undoes Caps Lock and the usual
 * keyboard layouts. A repaired text must have the form of a code, and its signature is still checked afterwards.
 */
export function readScannedCode(text: string): ScannedCode {
  const code = withoutFrame(text);
  if (hasCodeForm(code)) return { code, isRepaired: false };
  for (const layout of layouts) {
    const meant = withoutFrame(undo(layout, text));
    for (const candidate of [meant, swapCase(meant)]) {
      if (candidate !== code && hasCodeForm(candidate)) return { code: candidate, isRepaired: true };
    }
  }
  return { code, isRepaired: false };
}

/** Whether a text has the form of a ticket's code or of a ticket's number. It says nothing about the signature. */
export function hasCodeForm(text: string): boolean {
  if (uuid.test(text)) return true;
  const [, header = '', payload = ''] = jws.exec(text) ?? [];
  return isJsonObject(header) && isJsonObject(payload);
}

/** Control and format characters, such as GS, CR, a byte-order mark or a zero-width space, are in no code. */
const withoutFrame = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Z}]/gu, '').replace(/^\][A-Za-z][0-9A-Za-z]/, '');

function undo({ meant, typed }: KeyboardLayout, text: string): string {
  return Array.from(text, (character) => meant[typed.indexOf(character)] ?? character).join('');
}

/** Undoes Caps Lock. */
const swapCase = (text: string): string =>
  text.replaceAll(/\p{L}/gu, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );

function isJsonObject(base64url: string): boolean {
  try {
    const bytes = Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (one) =>
      one.charCodeAt(0),
    );
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
