import type { Command, CommandType, Outcome, ReleasePatternCommand } from '../commands/command.js';
import type { PatternReleased } from '../commands/outcome.js';
import type { Refunded } from '../changes/refunded.js';
import type { TermsChanged } from '../changes/terms-changed.js';
import type { ChangeType, ShowChange } from '../log/show-change.js';
import type { ShowAuditRecord } from '../model/audited.js';

type Facts = Omit<ShowAuditRecord, 'caller' | 'showId'>;

/** The type of the change that each audited command records first, if it changes the show. */
const auditedChanges: { readonly [Type in CommandType]?: ChangeType } = {
  block: 'blocked',
  unblock: 'unblocked',
  callOff: 'calledOff',
  changeTerms: 'termsChanged',
  refund: 'refunded',
  refundedOutside: 'refunded',
  release: 'ended',
};

/**
 * Returns the audit record of a command, or null if the command has no audited caller or changed nothing.
 *
 * @param change the first change that the command recorded
 */
export function toAuditRecord(
  showId: number,
  command: Command,
  outcome: Outcome,
  change: ShowChange | undefined,
): ShowAuditRecord | null {
  const caller = 'audit' in command ? (command.audit ?? null) : null;
  if (!caller || !change) return null;
  if (command.type === 'releasePattern') {
    return outcome.type === 'released' ? { caller, showId, ...patternFacts(showId, command, outcome) } : null;
  }
  if (auditedChanges[command.type] !== change.type) return null;
  const facts = factsOf(String(showId), change);
  return facts && { caller, showId, ...facts };
}

function factsOf(showId: string, change: ShowChange): Facts | null {
  const subject = { kind: 'show', id: showId } as const;
  switch (change.type) {
    case 'blocked':
    case 'unblocked': {
      const seats = [...change.seats];
      const isBlock = change.type === 'blocked';
      const [before, after] = isBlock ? ['free', 'blocked'] : ['blocked', 'free'];
      return {
        action: isBlock ? 'seats.block' : 'seats.unblock',
        subject,
        before: { seats, status: before },
        after: { seats, status: after, reason: change.reason ?? null },
      };
    }
    case 'calledOff':
      return {
        action: 'show.call-off',
        subject,
        before: { calledOff: false },
        after: { calledOff: true, reason: change.reason ?? null },
      };
    case 'termsChanged':
      return { action: 'show.update', subject, ...termsFacts(change) };
    case 'refunded':
      return refundFacts(change);
    case 'ended':
      return {
        action: 'booking.release',
        subject: { kind: 'booking', id: change.bookingId },
        before: { status: 'reserved', seats: [...change.seats] },
        after: { status: change.status },
      };
    default:
      return null;
  }
}

function patternFacts(
  showId: number,
  { sources, sessionIds, reason = null }: ReleasePatternCommand,
  { seats, places }: PatternReleased,
): Facts {
  return {
    action: 'risk.release',
    subject: { kind: 'show', id: String(showId) },
    before: null,
    // The trail cannot be erased, so it names no sessions.
    after: { reason, sources: [...sources], sessions: sessionIds.length, seats, places },
  };
}

function termsFacts({ terms, before = {}, reason = null }: TermsChanged): Pick<Facts, 'before' | 'after'> {
  const changed = Object.entries(terms).filter(([field]) => field in before);
  return { before: withReadableTimes(Object.entries(before)), after: { ...withReadableTimes(changed), reason } };
}

/** Converts the times of a show's terms, which are milliseconds since 1970, to ISO-8601 text. */
const withReadableTimes = (fields: readonly [string, unknown][]): Record<string, unknown> =>
  Object.fromEntries(
    fields.map(([field, value]) => {
      const isTime = field.endsWith('At') && typeof value === 'number';
      return [field, isTime ? new Date(value).toISOString() : value];
    }),
  );

function refundFacts({ booking, seats, refund }: Refunded): Facts {
  const { refundId, amount, currency } = refund;
  const isWhole = booking.status === 'refunded';
  return {
    action: 'payment.refund',
    subject: { kind: 'booking', id: booking.bookingId },
    before: { status: 'booked', seats: isWhole ? [...booking.seats] : [...booking.seats, ...seats] },
    after: { status: booking.status, seats: isWhole ? [] : [...booking.seats], refundId, amount, currency },
  };
}
