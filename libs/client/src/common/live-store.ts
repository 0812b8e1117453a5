import type { UsherError } from './errors.js';
import { Listeners } from './listeners.js';

/** What is known of something on the server and kept right, shared by its users until the last of them closes it. */
export abstract class LiveStore<View extends { readonly connection: string }> {
  /** Fulfilled when it is known for the first time; rejected if it is shut before. */
  readonly ready: Promise<void>;
  /** Settles {@link ready}, once. */
  protected settle: { readonly resolve: () => void; readonly reject: (error: UsherError) => void };

  private readonly listeners = new Listeners<[]>();
  private users = 0;

  /** @param view what is known at first */
  constructor(protected view: View) {
    this.ready = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    // Who does not look at `ready` sees `error` in the view; an unhandled rejection would end a Node process.
    this.ready.catch(() => undefined);
  }

  readonly getSnapshot = (): View => this.view;
  readonly subscribe = (listener: () => void): (() => void) => this.listeners.add(listener);

  /** Counts one more user, each of whom closes. */
  use(): this {
    this.users++;
    return this;
  }

  close(): void {
    if (this.users > 0) this.users--;
    if (this.users === 0) this.shut(null);
  }

  /** Ends the store whoever uses it, with the reason when it is not the users' wish. */
  abstract shut(error: UsherError | null): void;

  protected get isShut(): boolean {
    return this.view.connection === 'closed';
  }

  /** Takes a view that differs from the last, and tells who listens. */
  protected show(view: View): void {
    this.view = view;
    this.listeners.tell();
  }
}
