import { findAmountProblems, findSaleProblems, listTiers, SeatStatus } from '@usher/contract';
import type { ChangeTermsCommand, ChangeTermsOutcome, TermsPatch } from '../commands/command.js';
import type { Draft } from '../draft/draft.js';
import { invalidRequest } from '../draft/refusals.js';
import type { Administered } from '../model/actor.js';
import { type ChangeableTerms, changeableTermsOf, type ShowTerms } from '../model/show-terms.js';
import { endWaits } from '../waiting/line-times.js';

/**
 * Changes the terms of the show. The new terms apply to the later commands of the same batch. Nothing is recorded if
 * the terms do not change.
 */
export function changeTerms(
  draft: Draft,
  { terms: patch, reason = null, by = null }: ChangeTermsCommand,
): ChangeTermsOutcome {
  const outcome = recordTerms(draft, patch, { reason, by });
  // The new terms may have closed the sale.
  if (outcome.type === 'done') endWaits(draft);
  return outcome;
}

function recordTerms(draft: Draft, patch: TermsPatch, administered: Required<Administered>): ChangeTermsOutcome {
  const { terms } = draft;
  const after = termsAfter(terms, patch);
  const [problem] = [
    ...findSaleProblems(listTiers(terms.layout.seats), after),
    ...(touchesAmounts(patch) ? findAmountProblems(after, terms.amountStep) : []),
  ];
  if (problem) return { type: 'refused', error: invalidRequest(problem.path, problem.message) };
  // Existing bookings keep their currency, and their fees and refunds are counted in that currency.
  if (after.currency !== terms.currency && draft.seats.some(isHeldOrSold)) {
    return { type: 'refused', error: invalidRequest('currency', 'cannot change once seats are held or sold') };
  }
  const before = differences(changeableTermsOf(terms), after);
  if (Object.keys(before).length > 0) {
    draft.record({ type: 'termsChanged', terms: after, before, termsVersion: terms.termsVersion + 1, ...administered });
    // Under the new rules, waiters may get seats that the old rules denied them.
    draft.waitersToConsider = 'all';
  }
  return { type: 'done', booking: null };
}

/**
 * Whether a patch sets prices or fees. Only such a patch is checked against the amounts that the payment provider
 * accepts. So if the provider introduces a rule, existing shows keep their prices until staff change them.
 */
export const touchesAmounts = ({ prices, currency, rules }: TermsPatch): boolean =>
  prices !== undefined || currency !== undefined || rules !== undefined;

/** Returns the terms after a patch. If the sale closed at the start of the show, it closes at the new start. */
export function termsAfter(terms: ShowTerms, { durationMs, ...patch }: TermsPatch): ChangeableTerms {
  const before = changeableTermsOf(terms);
  const startsAt = patch.startsAt ?? before.startsAt;
  const isReplanned = patch.startsAt !== undefined || patch.movieId !== undefined;
  const endsAt = isReplanned && durationMs !== undefined ? startsAt + durationMs : before.endsAt;
  const saleClosesAt = before.saleClosesAt === before.startsAt ? startsAt : before.saleClosesAt;
  return { ...before, saleClosesAt, ...patch, endsAt };
}

/** Returns the fields in which two versions of the terms differ, with their values before the change. */
function differences(before: ChangeableTerms, after: ChangeableTerms): Partial<ChangeableTerms> {
  const differing = Object.entries(before).filter(
    ([field, value]) => !isSameValue(value, (after as Readonly<Record<string, unknown>>)[field]),
  );
  return Object.fromEntries(differing);
}

/** Whether two JSON values are equal. The order of their fields does not matter. */
function isSameValue(a: unknown, b: unknown): boolean {
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  const [of, other] = [a, b].map((value) => new Map<string, unknown>(Object.entries(value)));
  const fields = new Set([...of!.keys(), ...other!.keys()]);
  return [...fields].every((field) => isSameValue(of!.get(field), other!.get(field)));
}

const isHeldOrSold = (status: number | undefined): boolean => status === SeatStatus.held || status === SeatStatus.sold;
