import webPush from 'web-push';
import { z } from 'zod';
import type { DatabaseSecrets } from '../database/database-secrets.js';

/** Nest's token for the {@link VapidKeys}. */
export const VAPID_KEYS = Symbol('VapidKeys');

const VapidKeys = z.object({ publicKey: z.string(), privateKey: z.string() });

/**
 * The key pair that identifies this service to push services (RFC 8292), in base64url. Browsers subscribe with the
 * public key.
 */
export type VapidKeys = z.infer<typeof VapidKeys>;

/** Loads the key pair. The first start of the service creates it. A new pair would make all earlier subscriptions useless. */
export async function loadVapidKeys(secrets: DatabaseSecrets): Promise<VapidKeys> {
  return VapidKeys.parse(
    JSON.parse(await secrets.get('push-vapid-keys', () => JSON.stringify(webPush.generateVAPIDKeys()))),
  );
}
