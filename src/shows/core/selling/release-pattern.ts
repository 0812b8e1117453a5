import type { ReleasePatternCommand, ReleasePatternOutcome } from '../commands/command.js';
import type { Draft } from '../draft/draft.js';
import { isBeingPaid } from '../model/booking-record.js';
import { endWait } from '../waiting/end-wait.js';
import { endStay } from '../waiting/stays.js';
import { release } from './holds.js';

/** Maximum number of holds, waits and stays that one command ends. More would keep the show's lock for too long. */
const releasedMax = 2000;

/** Ends all unpaid holds, waits and stays of a pattern. Holds whose payment is running stay. */
export function releasePattern(draft: Draft, command: ReleasePatternCommand): ReleasePatternOutcome {
  const sources = new Set(command.sources);
  const sessionIds = new Set(command.sessionIds);
  const isOfPattern = ({ source, sessionId }: { readonly source: string | null; readonly sessionId: string }) =>
    (source !== null && sources.has(source)) || sessionIds.has(sessionId);
  let left = releasedMax;
  const take = <T>(found: readonly T[]): readonly T[] => {
    const taken = found.slice(0, left);
    left -= taken.length;
    return taken;
  };

  const bookings = [...draft.bookingIds()].flatMap((id) => draft.booking(id) ?? []);
  const holds = bookings.filter((one) => one.status === 'reserved' && !isBeingPaid(one) && isOfPattern(one));
  const waiters = Object.values(draft.lines).flatMap((line) => line.firstWaiters(Infinity).filter(isOfPattern));
  const stays = [...draft.stays.all()].filter(isOfPattern);
  let seats = 0;
  for (const { bookingId, sessionId, seats: held } of take(holds)) {
    release(draft, { type: 'release', bookingId, sessionId });
    seats += held.length;
  }
  for (const waiter of take(waiters)) endWait(draft, waiter, { kind: 'leave', reason: null });
  for (const stay of take(stays)) endStay(draft, stay, { hasLapsed: false });
  const ended = releasedMax - left;
  const found = holds.length + waiters.length + stays.length;
  return { type: 'released', seats, places: ended - Math.min(holds.length, releasedMax), isComplete: found === ended };
}
