import { z } from 'zod';
import { Show } from './catalog.js';
import { Id, Instant, TermsVersion } from './primitives.js';

/** What can change of a show after it was planned, under the names of `PATCH /v1/admin/shows/:showId`; and the call-off. */
export const ShowChangedField = z.enum([
  'movieId',
  'hallId',
  'startsAt',
  'currency',
  'prices',
  'saleOpensAt',
  'saleClosesAt',
  'rules',
  'waitingRoom',
  'calledOff',
]);
export type ShowChangedField = z.infer<typeof ShowChangedField>;

/** Facts of `GET /v1/shows/:showId` that a change can carry. */
export const ShowFacts = Show.pick({
  startsAt: true,
  endsAt: true,
  tiers: true,
  saleOpensAt: true,
  saleClosesAt: true,
  rules: true,
  waitingRoom: true,
  calledOff: true,
  calledOffReason: true,
})
  .partial()
  .meta({ id: 'ShowFacts' });
export type ShowFacts = z.infer<typeof ShowFacts>;

/**
 * `show:changed`: one change of a show's terms, sent on every node to everyone who has the show open, also to those who
 * stand in its lines. A client replaces the fields of {@link ShowFacts} in what `GET /v1/shows/:showId` answered. What is
 * held or booked already keeps its price and its refund rule.
 */
export const ShowChanged = z
  .object({
    showId: Id,
    /** One more than before the change. If more is missing, the client missed a change and reads the show again. */
    termsVersion: TermsVersion,
    at: Instant,
    changed: z.array(ShowChangedField).min(1),
    /** The new values. `movieId` and `hallId` have none here: a client reads the show again to learn their names. */
    show: ShowFacts,
    /** The values before, of the same fields. */
    before: ShowFacts,
    /** Whether the show is called off since this change. */
    calledOff: z.boolean(),
    /** Why, in the words of the organiser; null: nothing was said. */
    reason: z.string().nullable(),
  })
  .meta({ id: 'ShowChanged' });
export type ShowChanged = z.infer<typeof ShowChanged>;
