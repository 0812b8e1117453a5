/**
 * What a test asks of the host of its Jest worker: to start a service with these settings, to close a service, to trust
 * exactly these certificate authorities (PEM) in addition to the default ones, or to set the clock of the process forward.
 */
export type HostRequest =
  | { readonly type: 'start'; readonly env: Record<string, string> }
  | { readonly type: 'close'; readonly id: number }
  | { readonly type: 'trust'; readonly certificates: readonly string[] }
  | { readonly type: 'shiftClock'; readonly byMs: number };

/** A service that a host has started. */
export interface StartedService {
  readonly id: number;
  readonly url: string;
}

/** How a request ended. Only `start` has a result. */
export type HostAnswer = { readonly result: StartedService | null } | { readonly error: string };
