/** Bytes that WebCrypto takes: of an ordinary buffer, not of one that threads share. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** The UTF-8 bytes of a text. */
export const utf8 = (text: string): Bytes => encoder.encode(text);

/** How many digests are asked for at once. On 2 cores 200,000 take 0.7 s so; one after the other takes several times that. */
const digestsAtOnce = 512;

/** The SHA-256 of some bytes. */
export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes));
}

/** The SHA-256 of `count` inputs, many at once. `take` gets them in order. */
export async function sha256Each(
  count: number,
  input: (index: number) => Bytes,
  take: (index: number, digest: Bytes) => void,
): Promise<void> {
  for (let from = 0; from < count; from += digestsAtOnce) {
    const length = Math.min(digestsAtOnce, count - from);
    // Only so many at once: all of a long line's inputs together would fill the memory.
    const digests = await Promise.all(Array.from({ length }, (_, index) => sha256(input(from + index))));
    digests.forEach((digest, index) => take(from + index, digest));
  }
}

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hex. */
export function toHex(bytes: Bytes): string {
  let text = '';
  for (const byte of bytes) text += hexOfByte[byte];
  return text;
}

/** The bytes of a hex text, or null when it is not `length` bytes of lower-case hex. */
export function fromHex(text: string, length: number): Bytes | null {
  if (text.length !== 2 * length || !/^[0-9a-f]*$/.test(text)) return null;
  return Uint8Array.from({ length }, (_, index) => Number.parseInt(text.slice(2 * index, 2 * index + 2), 16));
}

/** The bytes of a base64url text without padding, or null when it is not `length` bytes of it. */
export function fromBase64url(text: string, length: number): Bytes | null {
  if (text.length !== Math.ceil((length * 4) / 3) || !/^[A-Za-z0-9_-]*$/.test(text)) return null;
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
