import type { Usher, UsherOptions } from './types.js';

/** Connects to Usher. Nothing is sent before the first call that needs the server. */
export function createUsher(options: UsherOptions): Usher {
  throw new Error(`not built yet: ${options.url}`);
}
