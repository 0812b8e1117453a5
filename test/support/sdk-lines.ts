import { afterAll, afterEach, beforeAll } from '@jest/globals';
import type { ShowStore, ShowView, Usher } from '@usher/client';
import { type FileApp, setUpApp } from './file-app.js';
import { TestProxy } from './test-proxy.js';
import { sdkClients } from './sdk.js';
import { makeShow } from './show.js';

/** A service with short holds, a proxy in front of it, and SDK clients that wait in its lines. */
export class SdkLines {
  readonly createClient: (options?: Parameters<ReturnType<typeof sdkClients>>[0]) => Usher;
  private startedProxy: TestProxy | null = null;

  constructor(readonly app: FileApp) {
    this.createClient = sdkClients(() => app.url);
  }

  /** The proxy. A test can make it lose messages or cut connections. */
  get proxy(): TestProxy {
    if (!this.startedProxy) throw new Error('the proxy has not started yet; use it in a test or in a later hook');
    return this.startedProxy;
  }

  async startProxy(): Promise<void> {
    this.startedProxy = await TestProxy.start(this.app.url);
  }

  /** Opens a show with a new client and waits for its first seat map or its place in the waiting room. */
  readonly openStore = async (showId: number, url = this.app.url): Promise<ShowStore> => {
    const show = this.createClient({ url }).openShow(showId);
    await show.ready;
    return show;
  };

  /** Creates a show of four seats that one client holds. */
  readonly createFullShow = async (): Promise<{ showId: number; holder: ShowStore; bookingIds: string[] }> => {
    const showId = await makeShow(this.app.pool, { rows: 1, seatsPerRow: 4 });
    const holder = await this.openStore(showId);
    const holds = await Promise.all([holder.reserve({ seats: [0, 1] }), holder.reserve({ seats: [2, 3] })]);
    return { showId, holder, bookingIds: holds.map(({ bookingId }) => bookingId) };
  };
}

/** Returns a condition that is true for a view if exactly `ahead` waiters are ahead. */
export const isAhead =
  (ahead: number) =>
  ({ queue }: ShowView): boolean =>
    queue?.ahead === ahead;

/** Starts the service and the proxy before the first test of a file. */
export function setUpSdkLines(): SdkLines {
  const lines = new SdkLines(setUpApp({ env: { HOLD_SECONDS: '4' } }));
  beforeAll(() => lines.startProxy());
  afterEach(() => {
    lines.proxy.decideFate = () => 'passes';
  });
  afterAll(() => lines.proxy.close());
  return lines;
}
