import type { Config } from '../config/config.js';
import { keptSecret } from '../config/data-folder.js';

/** Nest's token for the bytes that sign session tokens. */
export const SESSION_SECRET = Symbol('SessionSecret');

/** The set secret, or the one kept in the data folder of an embedded service. */
export async function sessionSecret({ sessionSecret: given, dataDir }: Config): Promise<Uint8Array> {
  return new TextEncoder().encode(given ?? (await keptSecret(dataDir, 'session-secret')));
}
