import { isDeepStrictEqual } from 'node:util';
import {
  findAmountProblems,
  type SaleProblem,
  findSaleProblems,
  type ShowPatch,
  type ShowProtection,
  type ShowRules,
} from '@usher/contract';
import type { WaitingRoom } from '../catalog/index.js';
import type { AmountStep } from '../common/amount-steps.js';
import { toWaitingRoom } from '../shows/index.js';
import type { StagedLine } from './staged-lines.js';

/** A movie that lines of shows refer to. */
export interface MovieRow {
  readonly id: number;
  readonly ref: string | null;
  readonly durationMinutes: number;
}

/** A hall that lines of shows refer to. */
export interface HallRow {
  readonly id: number;
  readonly ref: string | null;
  readonly layoutId: number;
}

/** A show as a line describes it, with its movie and hall. Times are in ms since 1970. */
export interface WantedShow {
  readonly line: StagedLine<'show'>;
  readonly movie: MovieRow;
  readonly hall: HallRow;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly saleOpensAt: number | null;
  /**
   * Null if the line omits it. The sale of a new show then closes at its start, and an existing show keeps its value.
   */
  readonly saleClosesAt: number | null;
}

/** A stored show. Times are in ms since 1970. */
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
  readonly protection: ShowProtection | null;
}

/** A change to a show. The show's lane makes it after the import's commit. */
export interface ShowChange {
  readonly showId: number;
  readonly file: string;
  readonly line: number;
  readonly patch: ShowPatch;
}

/** The changes that a line makes to its show. */
export interface ChangeOfShow {
  readonly problems: readonly SaleProblem[];
  /** True if the movie, the hall or the time changes. The patch contains the new values. */
  readonly isMoved: boolean;
  /** Null if nothing changes. */
  readonly patch: ShowPatch | null;
}

/**
 * Compares a line with its stored show, by the rules of `PATCH /v1/admin/shows/:showId`. The show keeps its layout, so
 * a new hall must have the same layout. If the sale closes exactly at the start of the show, the end of the sale moves
 * with the start. Fields that the line omits keep their values.
 *
 * @param tiers the tiers of the show's layout
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
    problems.push({ path, message: 'has a different layout than the show; choose a hall with the same layout' });
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
  const protection = body.protection && merged('protection', body.protection, before.protection, given);
  return {
    ...(!isDeepStrictEqual(prices, before.prices) && { prices }),
    ...(currency !== before.currency && { currency }),
    ...(given.has('rules') && !isDeepStrictEqual(rules, before.rules) && { rules }),
    ...(saleOpensAt !== before.saleOpensAt && {
      saleOpensAt: saleOpensAt === null ? null : new Date(saleOpensAt).toISOString(),
    }),
    ...(saleClosesAt !== before.saleClosesAt && { saleClosesAt: new Date(saleClosesAt).toISOString() }),
    ...(given.has('waitingRoom') && !isSameRoom(waitingRoom, before.waitingRoom) && { waitingRoom }),
    ...(given.has('protection') && !isDeepStrictEqual(protection, before.protection) && { protection }),
  };
}

/** Returns a field of a line. If the line has only parts of the field, the stored show provides the other parts. */
function merged<T extends object>(field: string, wanted: T, before: object | null, given: ReadonlySet<string>): T {
  const isGiven = (part: string) => given.has(`${field}.${part}`);
  const parts = Object.entries(wanted).filter(([part]) => isGiven(part));
  return parts.length === 0 ? wanted : { ...wanted, ...before, ...Object.fromEntries(parts) };
}

/**
 * Compares two waiting rooms as lanes do. The mode `off` equals no waiting room, and an omitted stay means ten minutes.
 */
function isSameRoom(wanted: WantedShow['line']['body']['waitingRoom'], before: WaitingRoom | null): boolean {
  const room = wanted && toWaitingRoom({ maxShoppers: 1, ...wanted });
  return isDeepStrictEqual(room, before && toWaitingRoom(before));
}
