/** Bytes that WebCrypto accepts: a view of an ArrayBuffer, not of a SharedArrayBuffer. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** Returns the UTF-8 bytes of a text. */
export const utf8 = (text: string): Bytes => encoder.encode(text);

/**
 * Number of digests that are computed concurrently. On 2 cores, 200,000 digests take 0.7 s this way. Computing them one
 * after the other takes several times as long. Starting all digests of a long line at once would use too much memory.
 */
const concurrentDigests = 512;

/** Returns the SHA-256 digest of the bytes. */
export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes));
}

/**
 * Computes the SHA-256 digests of `count` inputs.
 *
 * @param input returns the input at an index
 * @param take receives each digest, in the order of the indexes
 */
export async function sha256Each(
  count: number,
  input: (index: number) => Bytes,
  take: (index: number, digest: Bytes) => void,
): Promise<void> {
  for (let from = 0; from < count; from += concurrentDigests) {
    const length = Math.min(concurrentDigests, count - from);
    const digests = await Promise.all(Array.from({ length }, (_, index) => sha256(input(from + index))));
    digests.forEach((digest, index) => take(from + index, digest));
  }
}

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Returns the bytes as lower-case hex. */
export function toHex(bytes: Bytes): string {
  let text = '';
  for (const byte of bytes) text += hexOfByte[byte];
  return text;
}

/** Decodes a lower-case hex text. Returns null if the text is malformed or does not encode exactly `length` bytes. */
export function fromHex(text: string, length: number): Bytes | null {
  if (text.length !== 2 * length || !/^[0-9a-f]*$/.test(text)) return null;
  return Uint8Array.from({ length }, (_, index) => Number.parseInt(text.slice(2 * index, 2 * index + 2), 16));
}

/**
 * Decodes a base64url text without padding. Returns null if the text is malformed or does not encode exactly `length`
 * bytes.
 */
export function fromBase64url(text: string, length: number): Bytes | null {
  if (text.length !== Math.ceil((length * 4) / 3) || !/^[A-Za-z0-9_-]*$/.test(text)) return null;
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
