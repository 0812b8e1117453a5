import { type GateList, TicketCode } from '@usher/contract';
import { type Bytes, fromBase64url, utf8 } from '../common/bytes.js';

const signatureBytes = 64;

/**
 * What a ticket's code says, if one of the keys signed it; else null. The keys are those of `/v1/tickets/keys` or of a
 * {@link GateList}; nothing else is asked.
 *
 * @throws where WebCrypto, or Ed25519 in it, is missing: browsers have it only on pages that came over TLS
 */
export async function readTicketCode(code: string, keys: GateList['keys']): Promise<TicketCode | null> {
  const [header = '', payload = '', signature = '', ...more] = code.split('.');
  const protectedHeader = parsed(header);
  if (more.length > 0 || !isObject(protectedHeader) || protectedHeader['alg'] !== 'EdDSA') return null;
  const key = keys.find(({ kid }) => kid === protectedHeader['kid']);
  const signed = fromBase64url(signature, signatureBytes);
  const publicBytes = key && fromBase64url(key.x, 32);
  if (!signed || !publicBytes) return null;
  const { subtle } = globalThis.crypto;
  const publicKey = await subtle.importKey('raw', publicBytes, 'Ed25519', false, ['verify']);
  if (!(await subtle.verify('Ed25519', publicKey, signed, utf8(`${header}.${payload}`)))) return null;
  return TicketCode.safeParse(parsed(payload)).data ?? null;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** The JSON of a base64url text; null when it is none. */
function parsed(part: string): unknown {
  const bytes: Bytes | null = fromBase64url(part, Math.floor((part.length * 3) / 4));
  if (bytes === null) return null;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
