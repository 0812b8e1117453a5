import { isDeepStrictEqual } from 'node:util';
import {
  findAmountProblems,
  type SaleProblem,
  findSaleProblems,
  type ShowPatch,
  type ShowRules,
} from '@usher/contract';
import type { WaitingRoom } from '../catalog/index.js';
import type { AmountStep } from '../common/amount-steps.js';
import { toWaitingRoom } from '../shows/index.js';
import type { StagedLine } from './staged-lines.js';

/** A movie that shows are of. */
export interface MovieRow {
  readonly id: number;
  readonly ref: string | null;
  readonly durationMinutes: number;
}

/** A hall that shows are in. */
export interface HallRow {
  readonly id: number;
  readonly ref: string | null;
  readonly layoutId: number;
}

/** A show as a line wants it, its movie and its hall looked up. Times in ms since 1970. */
export interface WantedShow {
  readonly line: StagedLine<'show'>;
  readonly movie: MovieRow;
  readonly hall: HallRow;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly saleOpensAt: number | null;
  /** Null: when it starts, or, of one that is there, as it is. */
  readonly saleClosesAt: number | null;
}

/** A show as it is stored. Times in ms since 1970. */
export interface StoredShow {
  readonly showId: number;
  readonly movieId: number;
  readonly hallId: number;
  readonly layoutId: number;
  readonly startsAt: number;
  readonly saleOpensAt: number | null;
  readonly saleClosesAt: number;
  readonly currency: string;
  readonly prices: Readonly<Record<string, number>>;
  readonly rules: ShowRules;
  readonly waitingRoom: WaitingRoom | null;
}

/** What else a show is to be: a change that its lane makes. */
export interface ShowChange {
  readonly showId: number;
  readonly file: string;
  readonly line: number;
  readonly patch: ShowPatch;
}

/** What a line changes of the show that it is of. */
export interface ChangeOfShow {
  readonly problems: readonly SaleProblem[];
  /** It is of another movie, in another hall, or at another time; the patch says so too. */
  readonly isMoved: boolean;
  /** Null: it is as before. */
  readonly patch: ShowPatch | null;
}

/**
 * What a line changes, by the rules of `PATCH /v1/admin/shows/:showId`: the layout stays, so another hall must have it; a
 * sale that closed when the show started moves with it; what the line does not say stays.
 *
 * @param tiers of its layout
 */
export function changeOfShow(
  show: WantedShow,
  before: StoredShow,
  tiers: readonly string[],
  amountStep: AmountStep,
): ChangeOfShow {
  const { movie, hall, startsAt, line } = show;
  const isElsewhere = hall.id !== before.hallId;
  const isMoved = isElsewhere || movie.id !== before.movieId || startsAt !== before.startsAt;
  const patch = { ...planPatch(show, before), ...salePatch(show, before) };
  const problems = findSaleProblems(tiers, {
    prices: patch.prices ?? before.prices,
    saleOpensAt: patch.saleOpensAt === undefined ? before.saleOpensAt : instant(patch.saleOpensAt),
    saleClosesAt: patch.saleClosesAt === undefined ? before.saleClosesAt : Date.parse(patch.saleClosesAt),
  });
  const { prices = before.prices, currency = before.currency, rules = before.rules } = patch;
  if (patch.prices ?? patch.currency ?? patch.rules)
    problems.push(...findAmountProblems({ currency, prices, rules }, amountStep));
  if (isElsewhere && hall.layoutId !== before.layoutId) {
    const path = line.body.hallRef === undefined ? 'hallId' : 'hallRef';
    problems.push({ path, message: 'has another layout than the one that the show was made with' });
  }
  return { problems, isMoved, patch: Object.keys(patch).length > 0 ? patch : null };
}

const planPatch = ({ movie, hall, startsAt }: WantedShow, before: StoredShow): ShowPatch => ({
  ...(movie.id !== before.movieId && { movieId: movie.id }),
  ...(hall.id !== before.hallId && { hallId: hall.id }),
  ...(startsAt !== before.startsAt && { startsAt: new Date(startsAt).toISOString() }),
});

const instant = (time: string | null): number | null => (time === null ? null : Date.parse(time));

function salePatch(show: WantedShow, before: StoredShow): ShowPatch {
  const { body, given } = show.line;
  const saleOpensAt = given.has('saleOpensAt') ? show.saleOpensAt : before.saleOpensAt;
  const closesWithStart = before.saleClosesAt === before.startsAt;
  const saleClosesAt = show.saleClosesAt ?? (closesWithStart ? show.startsAt : before.saleClosesAt);
  const { currency } = body;
  const prices = merged('prices', body.prices, before.prices, given);
  const rules = merged('rules', body.rules, before.rules, given);
  const waitingRoom = body.waitingRoom && merged('waitingRoom', body.waitingRoom, before.waitingRoom, given);
  return {
    ...(!isDeepStrictEqual(prices, before.prices) && { prices }),
    ...(currency !== before.currency && { currency }),
    ...(given.has('rules') && !isDeepStrictEqual(rules, before.rules) && { rules }),
    ...(saleOpensAt !== before.saleOpensAt && {
      saleOpensAt: saleOpensAt === null ? null : new Date(saleOpensAt).toISOString(),
    }),
    ...(saleClosesAt !== before.saleClosesAt && { saleClosesAt: new Date(saleClosesAt).toISOString() }),
    ...(given.has('waitingRoom') && !isSameRoom(waitingRoom, before.waitingRoom) && { waitingRoom }),
  };
}

/** A field as the line wants it: whole, or, where the line has only parts of it, with the other parts of the stored show. */
function merged<T extends object>(field: string, wanted: T, before: object | null, given: ReadonlySet<string>): T {
  const isGiven = (part: string) => given.has(`${field}.${part}`);
  const parts = Object.entries(wanted).filter(([part]) => isGiven(part));
  return parts.length === 0 ? wanted : { ...wanted, ...before, ...Object.fromEntries(parts) };
}

/** As lanes see them: one that is off is none, and a stay that nothing is said of is ten minutes. */
function isSameRoom(wanted: WantedShow['line']['body']['waitingRoom'], before: WaitingRoom | null): boolean {
  const room = wanted && toWaitingRoom({ maxShoppers: 1, ...wanted });
  return isDeepStrictEqual(room, before && toWaitingRoom(before));
}
