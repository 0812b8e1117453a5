import { randomBytes } from 'node:crypto';
import type { DatabaseSecrets } from '../../database/database-secrets.js';

/** Nest's token for the {@link SandboxSecrets}. */
export const SANDBOX_SECRETS = Symbol('SandboxSecrets');

/** What the service and the sandbox provider share, as with any provider. */
export interface SandboxSecrets {
  /** Sent by the service with each call. */
  readonly apiKey: string;
  /** Signs the provider's webhooks; base64, as Standard Webhooks has it. */
  readonly webhookSecret: string;
}

/** Made at the first start and kept, the same on all nodes. */
export async function keptSandboxSecrets(secrets: DatabaseSecrets): Promise<SandboxSecrets> {
  const random = (encoding: 'hex' | 'base64') => randomBytes(32).toString(encoding);
  return {
    apiKey: await secrets.get('sandbox-api-key', () => random('hex')),
    webhookSecret: await secrets.get('sandbox-webhook-secret', () => random('base64')),
  };
}
