import webPush from 'web-push';
import { z } from 'zod';
import type { DatabaseSecrets } from '../database/database-secrets.js';

/** Nest's token for the {@link VapidKeys}. */
export const VAPID_KEYS = Symbol('VapidKeys');

const Kept = z.object({ publicKey: z.string(), privateKey: z.string() });

/** The pair that push services know this service by (RFC 8292), base64url. Browsers subscribe with the public one. */
export type VapidKeys = z.infer<typeof Kept>;

/** Made at the first start and kept: with another pair no browser could be reached that subscribed before. */
export async function keptVapidKeys(secrets: DatabaseSecrets): Promise<VapidKeys> {
  return Kept.parse(
    JSON.parse(await secrets.get('push-vapid-keys', () => JSON.stringify(webPush.generateVAPIDKeys()))),
  );
}
