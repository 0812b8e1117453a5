import { Session } from '@usher/contract';
import { adminKey } from './api-keys.js';
import { readJson } from './contract-shapes.js';
import { type FileApp, setUpApp } from './file-app.js';
import { RestCaller } from './rest.js';

/** A request to the service. The default path is the list of cities. */
export interface LimitedCall {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Calls per second that {@link LimitedApp} allows one session, or one address without a session. */
const callsPerSecond = 20;

/** The size of a burst that fits in the budget of one session or address. */
export const burst = 2 * callsPerSecond;

/** The header by which a proxy reports the address of its client. */
export const forwardedFor = (address: string) => ({ 'x-forwarded-for': address });

/** A service with small limits behind one proxy, so that a test can call it from any address. */
export class LimitedApp {
  private lastAddress = 0;

  constructor(readonly app: FileApp) {}

  /** Returns an address that no other test of the file uses. */
  readonly nextAddress = (): string => `192.0.2.${++this.lastAddress}`;

  /** Sends a request without a session. */
  readonly call = ({ path = '/v1/cities', ...options }: LimitedCall): Promise<Response> =>
    fetch(this.app.url + path, options);

  readonly beginSession = async (address: string): Promise<RestCaller> => {
    const answer = await this.call({ method: 'POST', path: '/v1/sessions', headers: forwardedFor(address) });
    return new RestCaller(this.app.url, await readJson(Session, answer));
  };
}

/** Starts the service with small limits for the tests of one file. */
export function setUpLimitedApp(): LimitedApp {
  return new LimitedApp(
    setUpApp({
      env: {
        ADMIN_API_KEY: adminKey,
        PROXIES: '1',
        CALLS_PER_SECOND_MAX: String(callsPerSecond),
        ADDRESS_CALLS_PER_SECOND_MAX: '50',
        KEY_GUESSES_PER_MINUTE_MAX: '5',
      },
    }),
  );
}
