import type { UsherError } from './errors.js';
import { Listeners } from './listeners.js';

/**
 * Whether a store receives changes from the server.
 *
 * - `connecting`: the store has not received its first data yet.
 * - `live`: the server sends changes to the store.
 * - `reconnecting`: the connection is lost, so the view may be out of date.
 * - `closed`: the last user closed the store, or the server refused it. If the server refused it, the view's `error`
 *   has the reason.
 */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'closed';

/** A live copy of one object of the server. The store keeps its view up to date until its last user closes it. */
export abstract class LiveStore<View extends { readonly connection: ConnectionState }> {
  /** Resolves when the first data has arrived. Rejects if the store is closed before that. */
  readonly ready: Promise<void>;
  /** Settles {@link ready}. Calls after the first have no effect. */
  protected settleReady: { readonly resolve: () => void; readonly reject: (error: UsherError) => void };

  private readonly listeners = new Listeners<[]>();
  private userCount = 0;

  /** @param view the first view, before the server has sent anything */
  constructor(protected view: View) {
    this.ready = new Promise((resolve, reject) => (this.settleReady = { resolve, reject }));
    // A caller that does not use `ready` finds the error in the view. Without this handler, the unhandled rejection
    // would end a Node process.
    this.ready.catch(() => undefined);
  }

  readonly getSnapshot = (): View => this.view;
  readonly subscribe = (listener: () => void): (() => void) => this.listeners.add(listener);

  /** Adds a user. Each user must call {@link close}. */
  addUser(): this {
    this.userCount++;
    return this;
  }

  /** Removes a user. The store shuts down when its last user is removed. */
  close(): void {
    if (this.userCount > 0) this.userCount--;
    if (this.userCount === 0) this.shutDown(null);
  }

  /** Shuts the store down, even if it has users. @param error the reason, or null if the users closed the store */
  abstract shutDown(error: UsherError | null): void;

  protected get isShutDown(): boolean {
    return this.view.connection === 'closed';
  }

  /** Replaces the view and notifies the listeners. */
  protected publish(view: View): void {
    this.view = view;
    this.listeners.notify();
  }
}
