import { findAmountProblems, findSaleProblems, SeatStatus, listTiers } from '@usher/contract';
import type { ChangeTermsCommand, ChangeTermsOutcome, TermsPatch } from '../commands/command.js';
import type { Draft } from '../draft/draft.js';
import type { Done } from '../commands/outcome.js';
import { invalidRequest } from '../draft/refusals.js';
import { type ChangeableTerms, changeableTermsOf, type ShowTerms } from '../model/show-terms.js';

/** Sells by other terms from here on in the batch. A command that changes nothing leaves no entry in the log. */
export function changeTerms(draft: Draft, terms: ShowTerms, command: ChangeTermsCommand): ChangeTermsOutcome {
  const after = termsAfter(terms, command.terms);
  const [problem] = [
    ...findSaleProblems(listTiers(terms.layout.seats), after),
    ...(touchesAmounts(command.terms) ? findAmountProblems(after, terms.amountStep) : []),
  ];
  if (problem) return { type: 'refused', error: invalidRequest(problem.path, problem.message) };
  // Bookings keep their currency, and fees and refunds are counted in it.
  if (after.currency !== terms.currency && draft.seats.some(isHeldOrSold)) {
    return { type: 'refused', error: invalidRequest('currency', 'cannot change once seats are held or sold') };
  }
  const before = differences(changeableTermsOf(terms), after);
  if (Object.keys(before).length === 0) return done;
  const { reason = null, by = null } = command;
  draft.changes.push({ type: 'termsChanged', terms: after, before, termsVersion: terms.termsVersion + 1, reason, by });
  draft.isStrict = after.rules.strictLine;
  // Whom a rule held up may be served now.
  draft.mayBeServed = 'all';
  return done;
}

/** Whether a change sets prices or fees. Shows from before a rule of the provider keep theirs until then. */
export const touchesAmounts = ({ prices, currency, rules }: TermsPatch): boolean =>
  prices !== undefined || currency !== undefined || rules !== undefined;

/** The terms after a change. A sale that closed when the show started closes with its new start. */
export function termsAfter(terms: ShowTerms, { durationMs, ...patch }: TermsPatch): ChangeableTerms {
  const before = changeableTermsOf(terms);
  const startsAt = patch.startsAt ?? before.startsAt;
  const isPlannedAnew = patch.startsAt !== undefined || patch.movieId !== undefined;
  const endsAt = isPlannedAnew && durationMs !== undefined ? startsAt + durationMs : before.endsAt;
  const saleClosesAt = before.saleClosesAt === before.startsAt ? startsAt : before.saleClosesAt;
  return { ...before, saleClosesAt, ...patch, endsAt };
}

/** The fields of which two terms differ, with the values of the first. */
function differences(before: ChangeableTerms, after: ChangeableTerms): Partial<ChangeableTerms> {
  const differing = Object.entries(before).filter(
    ([field, value]) => !isSameValue(value, (after as Readonly<Record<string, unknown>>)[field]),
  );
  return Object.fromEntries(differing);
}

/** Whether two values of JSON say the same, whatever the order of their fields. */
function isSameValue(a: unknown, b: unknown): boolean {
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  const [of, other] = [a, b].map((value) => new Map<string, unknown>(Object.entries(value)));
  const fields = new Set([...of!.keys(), ...other!.keys()]);
  return [...fields].every((field) => isSameValue(of!.get(field), other!.get(field)));
}

const done: Done = { type: 'done', booking: null };

const isHeldOrSold = (status: number | undefined): boolean => status === SeatStatus.held || status === SeatStatus.sold;
