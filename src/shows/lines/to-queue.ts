import { type Chance, type Queue, type QueueMoved, SeatStatus } from '@usher/contract';
import type { LineMoment } from '../core/model/keyed-place.js';
import type { Line } from '../core/line/line.js';
import { seatWish } from '../core/waiting/seat-line.js';
import type { Waiter } from '../core/model/waiter.js';
import { countFitting } from '../core/seating/index.js';
import type { ShowState } from '../core/state/show-state.js';
import { entryWaitsEndFrom, type ShowTerms } from '../core/model/show-terms.js';

type Reach = QueueMoved['reach'];

const iso = (ms: number): string => new Date(ms).toISOString();

/** How far the seats that are left reach into a line: see {@link QueueMoved}. @param now the database's clock, about */
export function reachOf({ queueWaitMs }: ShowTerms, { counts }: ShowState, line: Line, now: number): Reach {
  const { free, held } = counts;
  if (line.name === 'seats') {
    // What is held comes back only if it is not bought: how much of it does, the pace of the line tells.
    const perPlace = line.pace.perPlace(line.waiting, now);
    const likely = perPlace ? Math.floor(queueWaitMs / 1000 / perPlace.to) : 0;
    return { likely: held > 0 ? likely : 0, unlikely: held > 0 ? Math.max(likely, line.waiting) : 0 };
  }
  const parties = [...line.wishes.values()];
  const wanted = parties.reduce((sum, { wish, waiting }) => sum + wish.partySize * waiting, 0);
  const perParty = line.waiting > 0 ? wanted / line.waiting : 1;
  return { likely: Math.floor(free / perParty), unlikely: Math.floor((free + held) / perParty) };
}

const chanceAt = (ahead: number, { likely, unlikely }: Reach): Chance =>
  ahead < likely ? 'likely' : ahead < unlikely ? 'unlikely' : 'none';

/** Whether there are seats for a party that are not sold: whatever becomes of the line, others will not come back. */
function couldBe({ plan }: ShowTerms, { seats, counts }: ShowState, waiter: Waiter): boolean {
  const { partySize, tiers, kind } = waiter;
  if (tiers === null && kind === null) return counts.free + counts.held >= partySize;
  const unsold = seats.map((status) => (status === SeatStatus.held ? SeatStatus.free : status));
  return countFitting(plan, unsold, seatWish(waiter)) >= partySize;
}

/** What the chances of a party are, some `ahead` of it. */
function chanceOf(terms: ShowTerms, state: ShowState, waiter: Waiter, ahead: number, reach: Reach): Chance {
  // Served in the batch that it came with: seats are held for it, or it is let in.
  if (!state.lines[waiter.line].waiters.has(waiter.ticket)) return 'likely';
  return couldBe(terms, state, waiter) ? chanceAt(ahead, reach) : 'none';
}

/** How the line is for a waiter now. */
export function momentOf(line: Line, { place }: Waiter): LineMoment {
  const { version, waiting, lastTicket } = line;
  return { version, waiting, lastTicket, ahead: place === null ? null : line.below(place) };
}

/** A place in line in the wire's form. @param now an estimate of the database's clock */
export function toQueue(terms: ShowTerms, state: ShowState, waiter: Waiter, at: LineMoment, now: number): Queue {
  const { line, ticket, place, partySize, joinedAt, expiresAt, receipt } = waiter;
  const { version, waiting, lastTicket, ahead } = at;
  const reach = reachOf(terms, state, state.lines[line], now);
  return {
    showId: terms.showId,
    line,
    ticket,
    place,
    ahead,
    partySize,
    etaSeconds: ahead === null ? null : state.lines[line].pace.eta(ahead, waiting, now),
    chance: chanceOf(terms, state, waiter, ahead ?? waiting - 1, reach),
    joinedAt: iso(joinedAt),
    expiresAt: iso(line === 'entry' ? Math.max(expiresAt, entryWaitsEndFrom(terms)) : expiresAt),
    version,
    receipt,
    waiting,
    lastPlace: place === null ? 0 : lastTicket,
  };
}
