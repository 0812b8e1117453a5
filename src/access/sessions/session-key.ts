import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Config } from '../../config/config.js';
import { readOrCreateSecret } from '../../config/data-folder.js';

/** Nest's injection token for the key that signs session tokens. */
export const SESSION_KEY = Symbol('SessionKey');

/** Returns the configured secret, or the secret that the embedded service keeps in its data folder. */
export const sessionKey = async ({ sessionSecret: configured, dataDir }: Config): Promise<KeyObject> =>
  createSecretKey(configured ?? (await readOrCreateSecret(dataDir, 'session-secret')), 'utf8');
