import { afterEach } from '@jest/globals';
import { createUsher, type ShowStore, type ShowView, type Usher, type UsherOptions } from '@usher/client';
import { waitForValue } from './wait-for-value.js';

/** A function that creates one SDK client per call. `closeAll` closes all clients. */
interface SdkClients {
  (options?: Partial<UsherOptions>): Usher;
  readonly closeAll: () => void;
}

/**
 * Makes SDK clients and closes them after each test.
 *
 * @param url returns the service's address; called for each client
 */
export function sdkClients(url: () => string): SdkClients {
  const open: Usher[] = [];
  const closeAll = () => {
    for (const usher of open.splice(0)) usher.close();
  };
  const make = (options: Partial<UsherOptions> = {}) => {
    const usher = createUsher({ url: url(), ...options });
    open.push(usher);
    return usher;
  };
  afterEach(closeAll);
  return Object.assign(make, { closeAll });
}

/** Creates a storage for session tokens that several clients can share, like tabs of one browser. */
export const createTokenStorage = (token: string) => ({
  token,
  get() {
    return this.token;
  },
  set(kept: string) {
    this.token = kept;
  },
});

/** Waits for the first view that matches, which may be the current view. */
export function waitForView(
  show: ShowStore,
  fits: (view: ShowView) => boolean,
  deadlineMs = 10_000,
): Promise<ShowView> {
  const read = () => {
    const view = show.getSnapshot();
    return fits(view) ? view : undefined;
  };
  return waitForValue(read, {
    subscribe: show.subscribe,
    deadlineMs,
    describe: () => {
      const { seats, ...view } = show.getSnapshot();
      return `no view matched; the last view was ${JSON.stringify({ ...view, seats: seats.join('') })}`;
    },
  });
}
