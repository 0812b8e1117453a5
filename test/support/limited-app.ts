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

/**
 * Maximum number of calls per second that {@link LimitedApp} allows to a session, or to an address without a session.
 */
const callsPerSecond = 20;

/** Number of calls that one session or address may send at once. */
export const burst = 2 * callsPerSecond;

/** Returns the header with which a proxy reports the address of its client. */
export const forwardedFor = (address: string) => ({ 'x-forwarded-for': address });

/** A service with small limits. It expects one proxy in front of it, so a test can pretend to call from any address. */
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
