import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Config } from '../../config/config.js';
import { keptSecret } from '../../config/data-folder.js';

/** Nest's token for the key that session tokens are signed with. */
export const SESSION_KEY = Symbol('SessionKey');

/** The set secret, or the one kept in the data folder of an embedded service. */
export const sessionKey = async ({ sessionSecret: given, dataDir }: Config): Promise<KeyObject> =>
  createSecretKey(given ?? (await keptSecret(dataDir, 'session-secret')), 'utf8');
