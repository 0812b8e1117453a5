import { afterEach } from '@jest/globals';
import { createUsher, type ShowStore, type ShowView, type Usher, type UsherOptions } from '@usher/client';

/** Makes SDK clients. Calling it creates one client. `closeAll` closes all clients. */
interface SdkClients {
  (options?: Partial<UsherOptions>): Usher;
  readonly closeAll: () => void;
}

/** Makes SDK clients and closes them after each test. @param url returns the service's address, read for each client */
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

/** Waits for the first view that fits. The current view counts too. */
export function waitForView(
  show: ShowStore,
  fits: (view: ShowView) => boolean,
  deadlineMs = 10_000,
): Promise<ShowView> {
  return new Promise((resolve, reject) => {
    const check = (): void => {
      const view = show.getSnapshot();
      if (!fits(view)) return;
      clearTimeout(timer);
      stop();
      resolve(view);
    };
    const stop = show.subscribe(check);
    const timer = setTimeout(() => {
      stop();
      const { seats, ...view } = show.getSnapshot();
      const last = JSON.stringify({ ...view, seats: seats.join('') });
      reject(new Error(`no view matched within ${deadlineMs} ms; the last view was ${last}`));
    }, deadlineMs);
    check();
  });
}
