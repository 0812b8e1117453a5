import { z } from 'zod';

/**
 * A request of a test to the host of its Jest worker:
 *
 * - `start` starts a service with these settings.
 * - `close` closes a service.
 * - `trust` makes the process trust exactly these certificate authorities (PEM) in addition to the default ones.
 * - `shiftClock` sets the clock of the process forward.
 * - `import` runs `npm run import` with these arguments and environment variables.
 */
export type HostRequest =
  | { readonly type: 'start'; readonly env: Record<string, string> }
  | { readonly type: 'close'; readonly id: number }
  | { readonly type: 'trust'; readonly certificates: readonly string[] }
  | { readonly type: 'shiftClock'; readonly byMs: number }
  | { readonly type: 'import'; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };

/** The result of `start`: a service that the host has started. */
export const StartedService = z.object({ id: z.int(), url: z.string(), operationsUrl: z.string() });
export type StartedService = z.infer<typeof StartedService>;

/** The result of `import`: the exit code and the texts on both output streams. */
export const FinishedImport = z.object({ code: z.int(), stdout: z.string(), stderr: z.string() });
export type FinishedImport = z.infer<typeof FinishedImport>;

/** The result of all other requests. */
export const NoResult = z.null();

/** The answer to a request: its result, or the message of an error. */
export const HostAnswer = z.union([z.object({ error: z.string() }), z.object({ result: z.unknown() })]);
export type HostAnswer = z.infer<typeof HostAnswer>;
