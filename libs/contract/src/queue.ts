import { z } from 'zod';
import { Id, Instant, Version } from './primitives.js';

/** A session's place in one of a show's lines. */
export const Queue = z
  .object({
    showId: Id,
    line: z.enum(['seats', 'entry']),
    ticket: z.int().positive(),
    place: z.int().positive().nullable(),
    ahead: z.int().nonnegative().nullable(),
    partySize: z.int().positive(),
    etaSeconds: z.object({ from: z.int(), to: z.int() }).nullable(),
    chance: z.enum(['likely', 'unlikely', 'none']),
    joinedAt: Instant,
    expiresAt: Instant,
    version: Version,
    receipt: z.string(),
  })
  .meta({ id: 'Queue', description: "A session's place in a show's line" });
export type Queue = z.infer<typeof Queue>;

/** `queue:admitted`. */
export const QueueAdmitted = z.object({ showId: Id, until: Instant }).meta({ id: 'QueueAdmitted' });
export type QueueAdmitted = z.infer<typeof QueueAdmitted>;
