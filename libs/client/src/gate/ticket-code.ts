import { type GateList, TicketCode } from '@usher/contract';
import { type Bytes, fromBase64url, utf8 } from '../common/bytes.js';

const signatureLength = 64;
const publicKeyLength = 32;

/**
 * Reads a ticket's code (a compact JWS) and verifies its signature without the server.
 *
 * @param keys the keys of `/v1/tickets/keys` or of a {@link GateList}
 * @returns the contents of the code, or null if none of the keys signed it
 * @throws Error if WebCrypto is missing or does not support Ed25519. Browsers have WebCrypto only on pages that were
 *   served over TLS
 */
export async function readTicketCode(code: string, keys: GateList['keys']): Promise<TicketCode | null> {
  const [header = '', payload = '', signature = '', ...excess] = code.split('.');
  const protectedHeader = parseJson(header);
  if (excess.length > 0 || !isRecord(protectedHeader) || protectedHeader['alg'] !== 'EdDSA') return null;
  const key = keys.find(({ kid }) => kid === protectedHeader['kid']);
  const signatureBytes = fromBase64url(signature, signatureLength);
  const publicBytes = key && fromBase64url(key.x, publicKeyLength);
  if (!signatureBytes || !publicBytes) return null;
  const { subtle } = globalThis.crypto;
  const publicKey = await subtle.importKey('raw', publicBytes, 'Ed25519', false, ['verify']);
  if (!(await subtle.verify('Ed25519', publicKey, signatureBytes, utf8(`${header}.${payload}`)))) return null;
  return TicketCode.safeParse(parseJson(payload)).data ?? null;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Returns the JSON value of a base64url text, or null if the text is not JSON in base64url. */
function parseJson(part: string): unknown {
  const bytes: Bytes | null = fromBase64url(part, Math.floor((part.length * 3) / 4));
  if (bytes === null) return null;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
