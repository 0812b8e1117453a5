/**
 * Returns a new idempotency key of 128 random bits. Does not use `randomUUID`, which does not exist on pages that were
 * served without TLS.
 */
export function createIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
