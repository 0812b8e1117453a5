declare module 'http_ece' {
  import type { ECDH } from 'node:crypto';

  /** Decrypts a body that has `Content-Encoding: aes128gcm` with a browser's keys. @throws if the keys do not match */
  export function decrypt(body: Buffer, keys: { version: 'aes128gcm'; privateKey: ECDH; authSecret: string }): Buffer;
}
