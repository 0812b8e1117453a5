import { z } from 'zod';
import { Id } from '../values/ids.js';
import { Instant } from '../values/times.js';
import { TermsVersion } from '../values/versions.js';
import { Show } from './shows.js';

/**
 * A part of a show that can change after the show was created. The names are those of `PATCH /v1/admin/shows/:showId`,
 * plus `calledOff`.
 */
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
  'protection',
  'calledOff',
]);
export type ShowChangedField = z.infer<typeof ShowChangedField>;

/** The fields of {@link Show} that a change can carry. A change carries only the fields that it changed. */
export const ShowFacts = Show.pick({
  startsAt: true,
  endsAt: true,
  tiers: true,
  saleOpensAt: true,
  saleClosesAt: true,
  rules: true,
  waitingRoom: true,
  codeRequired: true,
  calledOff: true,
  calledOffReason: true,
})
  .partial()
  .meta({ id: 'ShowFacts' });
export type ShowFacts = z.infer<typeof ShowFacts>;

/**
 * Payload of `show:changed`: one change to a show's terms. Every node sends it to every client that has the show open
 * or stands in one of the show's lines. The client replaces the fields of {@link ShowFacts} in its copy of the show.
 * Held and booked seats keep their price and their refund rule.
 */
export const ShowChanged = z
  .object({
    showId: Id,
    termsVersion: TermsVersion.meta({
      description:
        'One more than before this change. If this number exceeds the one that the client knows by more than one, the client ' +
        'missed a change and must read the show again',
    }),
    at: Instant,
    changed: z.array(ShowChangedField).min(1),
    show: ShowFacts.meta({
      description:
        'The new values. They do not include `movieId` and `hallId`, so a client must read the show again to get the new names',
    }),
    before: ShowFacts.meta({ description: 'The values of the same fields before the change' }),
    calledOff: z.boolean().meta({ description: 'True if this change called the show off' }),
    reason: z
      .string()
      .nullable()
      .meta({ description: "The reason in the organiser's words; null if the organiser gave none" }),
  })
  .meta({ id: 'ShowChanged' });
export type ShowChanged = z.infer<typeof ShowChanged>;
