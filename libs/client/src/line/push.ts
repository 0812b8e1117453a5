import { endpoints, type PushSubscription } from '@usher/contract';
import { bearerHeader, type Endpoint, type RestClient, type WithToken } from '../http/rest-client.js';

/**
 * Calls about Web Push, which notifies a buyer of offers and admissions while the page is closed. Every call rejects
 * with {@link UsherError}.
 */
export interface Push {
  /** Reads the key for `pushManager.subscribe({ applicationServerKey })`. */
  key(): Promise<string>;
  /** Starts pushes to this browser. @param subscription the result of the browser subscription's `toJSON()` */
  subscribe(subscription: PushSubscription): Promise<void>;
  /** Ends pushes to this browser. */
  unsubscribe(subscription: PushSubscription): Promise<void>;
}

/** Returns the calls about Web Push. */
export function createPush(rest: RestClient, withToken: WithToken): Push {
  const send = (endpoint: Endpoint, body: unknown): Promise<void> =>
    withToken(async (token) => void (await rest.send(endpoint, {}, { body, headers: bearerHeader(token) })));
  return {
    key: async () => (await rest.call(endpoints.getPushKey, {})).publicKey,
    subscribe: (subscription) => send(endpoints.subscribePush, subscription),
    unsubscribe: (subscription) => send(endpoints.unsubscribePush, subscription),
  };
}
