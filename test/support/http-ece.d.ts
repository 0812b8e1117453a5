declare module 'http_ece' {
  import type { ECDH } from 'node:crypto';

  /** Decrypts what came with `Content-Encoding: aes128gcm` for a browser's keys. @throws when it was not for them */
  export function decrypt(body: Buffer, keys: { version: 'aes128gcm'; privateKey: ECDH; authSecret: string }): Buffer;
}
