import type { ApiKeyBody, ApiKeyMade } from '@usher/contract';
import { RestCaller } from './rest.js';

/** The key of the settings, as the tests set it. */
export const adminKey = 'a key for tests only';

/** Makes an API key, with {@link adminKey}. */
export async function makeKey(url: string, body: Partial<ApiKeyBody>): Promise<ApiKeyMade> {
  const admin = await RestCaller.begin(url);
  const made = { name: 'Test', roles: ['gate'], ...body };
  const answer = await admin.call('POST', '/v1/admin/api-keys', made, { 'x-api-key': adminKey });
  if (answer.status !== 201) throw new Error(`no key was made: ${JSON.stringify(answer.body)}`);
  return answer.body as unknown as ApiKeyMade;
}
