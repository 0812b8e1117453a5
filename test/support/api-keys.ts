import { type ApiKeyBody, ApiKeyMade } from '@usher/contract';
import { validate } from './contract-shapes.js';
import { RestCaller } from './rest.js';

/** The value of `ADMIN_API_KEY` in test services. */
export const adminKey = 'a key for tests only';

/** Creates an API key, authorized by {@link adminKey}. */
export async function makeKey(url: string, body: Partial<ApiKeyBody>): Promise<ApiKeyMade> {
  const admin = await RestCaller.begin(url);
  const made = { name: 'Test', roles: ['gate'], ...body };
  const answer = await admin.call('POST', '/v1/admin/api-keys', made, { 'x-api-key': adminKey });
  if (answer.status !== 201) throw new Error(`the service did not create an API key: ${JSON.stringify(answer.body)}`);
  return validate(ApiKeyMade, answer.body);
}
