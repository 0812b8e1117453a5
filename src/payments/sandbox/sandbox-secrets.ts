import { randomBytes } from 'node:crypto';
import type { DatabaseSecrets } from '../../database/database-secrets.js';

/** Nest's token for the {@link SandboxSecrets}. */
export const SANDBOX_SECRETS = Symbol('SandboxSecrets');

/** The secrets that the service shares with the sandbox provider. */
export interface SandboxSecrets {
  /** The service sends this key with each request. */
  readonly apiKey: string;
  /** The provider signs its webhooks with this secret. It is in base64, as Standard Webhooks demands. */
  readonly webhookSecret: string;
}

/** Loads the secrets, which are the same on all nodes. The first start of the service creates them. */
export async function loadSandboxSecrets(secrets: DatabaseSecrets): Promise<SandboxSecrets> {
  const random = (encoding: 'hex' | 'base64') => randomBytes(32).toString(encoding);
  return {
    apiKey: await secrets.get('sandbox-api-key', () => random('hex')),
    webhookSecret: await secrets.get('sandbox-webhook-secret', () => random('base64')),
  };
}
