import { z } from 'zod';

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
const StartedService = z.object({ id: z.int(), url: z.string() });
export type StartedService = z.infer<typeof StartedService>;

/** How a request ended. Only `start` has a result. */
export const HostAnswer = z.union([z.object({ result: StartedService.nullable() }), z.object({ error: z.string() })]);
export type HostAnswer = z.infer<typeof HostAnswer>;
