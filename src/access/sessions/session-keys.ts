import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Config } from '../../config/config.js';
import { readOrCreateSecret } from '../../config/data-folder.js';

/** Nest's injection token for the {@link SessionKeys}. */
export const SESSION_KEYS = Symbol('SessionKeys');

/**
 * The keys of session tokens, links in mails and stored answers. The first key signs and encrypts. All keys verify and
 * decrypt, so that a key can be replaced without ending the sessions of buyers.
 */
export type SessionKeys = readonly [KeyObject, ...KeyObject[]];

/** Returns the keys of the settings, or the key that the embedded service keeps in its data folder. */
export async function loadSessionKeys({ sessionSecrets, dataDir }: Config): Promise<SessionKeys> {
  const [first, ...others] = sessionSecrets ?? [await readOrCreateSecret(dataDir, 'session-secret')];
  const toKey = (secret: string) => createSecretKey(secret, 'utf8');
  return [toKey(first), ...others.map(toKey)];
}
