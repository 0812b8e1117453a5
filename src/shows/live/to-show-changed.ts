import { type Show, ShowChangedField, type ShowChanged, type ShowFacts } from '@usher/contract';
import { toTiers } from '../../catalog/index.js';
import type { NoticedChange } from '../core/changes/show-log.js';
import type { ChangeableTerms, ShowTerms } from '../core/model/show-terms.js';

const iso = (ms: number): string => new Date(ms).toISOString();

/** What of a show's terms a change touched, under the names of the contract. */
export const changedFields = (change: NoticedChange): ShowChangedField[] =>
  change.type === 'calledOff'
    ? ['calledOff']
    : ShowChangedField.options.filter((field) => Object.hasOwn(change.before ?? {}, field));

/**
 * A change of a show's terms as those hear it who have the show open; null: it was logged by an earlier release, which did
 * not keep what changed. Clients see by the number of changes that they missed one.
 */
export function toShowChanged(
  { showId, currency }: Pick<ShowTerms, 'showId' | 'currency'>,
  at: number,
  change: NoticedChange,
): ShowChanged | null {
  const { termsVersion } = change;
  const changed = changedFields(change);
  if (termsVersion === undefined || changed.length === 0) return null;
  const reason = change.reason ?? null;
  const common = { showId, termsVersion, at: iso(at), changed, reason };
  if (change.type === 'calledOff') {
    const show = { calledOff: true, calledOffReason: reason };
    return { ...common, show, before: { calledOff: false, calledOffReason: null }, calledOff: true };
  }
  const { terms, before = {} } = change;
  const after = Object.fromEntries(
    Object.keys(before).map((field) => [field, (terms as Readonly<Record<string, unknown>>)[field]]),
  );
  const wasCurrency = before.currency ?? currency;
  return {
    ...common,
    // A new currency is one of every price.
    show: toFacts({ ...after, ...('currency' in before && { prices: terms.prices }) }, terms.currency),
    before: toFacts({ ...before, ...('currency' in before && { prices: before.prices ?? terms.prices }) }, wasCurrency),
    calledOff: false,
  };
}

/** Some terms in the words of `GET /v1/shows/:showId`. */
function toFacts(terms: Partial<ChangeableTerms>, currency: string): ShowFacts {
  const { startsAt, endsAt, prices, saleOpensAt, saleClosesAt, rules, waitingRoom } = terms;
  return {
    ...(startsAt !== undefined && { startsAt: iso(startsAt) }),
    ...(endsAt !== undefined && { endsAt: iso(endsAt) }),
    ...(prices !== undefined && { tiers: toTiers(prices, currency) }),
    ...(saleOpensAt !== undefined && { saleOpensAt: saleOpensAt === null ? null : iso(saleOpensAt) }),
    ...(saleClosesAt !== undefined && { saleClosesAt: iso(saleClosesAt) }),
    ...(rules !== undefined && { rules }),
    ...(waitingRoom !== undefined && { waitingRoom: waitingRoom !== null }),
  } satisfies Partial<Show>;
}
