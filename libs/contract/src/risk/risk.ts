import { z } from 'zod';
import { boundedArraySchema } from '../values/bounded-array.js';
import { Id, IdParam, Uuid } from '../values/ids.js';
import { PageQuery } from '../values/pages.js';
import { proseSchema, singleLineSchema } from '../values/texts.js';
import { Instant } from '../values/times.js';

/**
 * One kind of behaviour that gives points of the risk score.
 *
 * - `velocity`: many calls in a short time.
 * - `sharedSource`: many sessions of one network address in one show.
 * - `holdAndDrop`: holds that end unpaid again and again, and calls during a cool-down.
 * - `inhumanTiming`: calls with pauses that no human hand produces.
 * - `failedChallenges`: wrong answers to challenges.
 * - `payments`: many begun or declined payments, as with a list of stolen cards.
 * - `bookings`: many paid bookings.
 */
export const RiskSignalName = z.enum([
  'velocity',
  'sharedSource',
  'holdAndDrop',
  'inhumanTiming',
  'failedChallenges',
  'payments',
  'bookings',
]);
export type RiskSignalName = z.infer<typeof RiskSignalName>;

/**
 * What the service did with a call.
 *
 * - `allow`: it admitted the call although its score is high, because the session has passed the challenge.
 * - `challenge`: it asked for the challenge (`CHALLENGE_REQUIRED`).
 * - `slow`: it delayed the call by up to three seconds.
 * - `refuse`: it refused the call (`RATE_LIMITED`).
 * - `coolDown`: the session must wait, because holds ended unpaid (`COOL_DOWN`).
 */
export const RiskAction = z.enum(['allow', 'challenge', 'slow', 'refuse', 'coolDown']);
export type RiskAction = z.infer<typeof RiskAction>;

/** A part of a risk score, and the observation that gave it. */
export const RiskReason = z
  .object({
    signal: RiskSignalName,
    of: z.enum(['session', 'source']).meta({
      description: 'Whether the session itself was observed, or all sessions of its source together',
    }),
    points: z.number(),
    detail: z.string().meta({ description: 'What was observed', example: '14 holds ended unpaid and 0 were paid' }),
  })
  .meta({ id: 'RiskReason' });
export type RiskReason = z.infer<typeof RiskReason>;

const Source = z.string().meta({
  description:
    'Names the network address or the API key of the caller. For an address, it is a keyed digest. The key is deleted ' +
    'after a day, so it names no address any more then',
});

/** A call that the service did not simply admit, or whose score is high. */
export const RiskCase = z
  .object({
    caseId: Uuid,
    at: Instant,
    showId: Id,
    sessionId: Uuid,
    source: Source,
    call: z.enum(['enter', 'join', 'reserve']).meta({
      description: '`enter`: see the show. `join`: get a place in a line. `reserve`: hold seats',
    }),
    action: RiskAction,
    score: z.int().min(0).max(100),
    reasons: z.array(RiskReason),
  })
  .meta({ id: 'RiskCase' });
export type RiskCase = z.infer<typeof RiskCase>;

/** Query of `GET /v1/admin/risk/cases`. All given filters must match. */
export const RiskCasesQuery = PageQuery.extend({
  showId: IdParam.optional(),
  minScore: z.coerce.number().int().min(0).max(100).optional(),
  action: RiskAction.optional(),
});
export type RiskCasesQuery = z.output<typeof RiskCasesQuery>;

/** What the sessions of one source have in a show. */
export const RiskSource = z
  .object({
    source: Source,
    sessions: z.int().meta({ description: 'Number of its sessions that have a case' }),
    heldSeats: z.int().meta({ description: 'Number of seats that all its sessions hold unpaid' }),
    places: z.int().meta({ description: 'Number of places in lines and of stays of all its sessions' }),
    score: z.int().meta({ description: 'The highest score of its cases; 0 if it has none' }),
  })
  .meta({ id: 'RiskSource' });
export type RiskSource = z.infer<typeof RiskSource>;

/** The answer of `GET /v1/admin/risk/shows/{showId}/sources`. */
export const RiskSources = z.object({ sources: z.array(RiskSource) }).meta({ id: 'RiskSources' });
export type RiskSources = z.infer<typeof RiskSources>;

/** Maximum number of sources and of sessions in one {@link RiskReleaseBody}. */
export const riskReleaseMax = 1000;

/** Body of `POST /v1/admin/risk/shows/{showId}/releases`: the sources and the sessions of a pattern. */
export const RiskReleaseBody = z
  .strictObject({
    sources: boundedArraySchema(singleLineSchema(100).min(1), { max: riskReleaseMax }).default([]),
    sessionIds: boundedArraySchema(Uuid, { max: riskReleaseMax }).default([]),
    reason: proseSchema(1000).trim().min(1).meta({ description: 'The reason. The audit trail keeps it' }),
  })
  .refine(({ sources, sessionIds }) => sources.length + sessionIds.length > 0, {
    path: ['sources'],
    error: 'give at least one source or one session',
  })
  .meta({ id: 'RiskReleaseBody' });
export type RiskReleaseBody = z.output<typeof RiskReleaseBody>;

/** The result of a release. */
export const RiskRelease = z
  .object({
    seats: z.int().meta({ description: 'Number of released seats' }),
    places: z.int().meta({ description: 'Number of places in lines, and of stays, that ended' }),
  })
  .meta({ id: 'RiskRelease' });
export type RiskRelease = z.infer<typeof RiskRelease>;
