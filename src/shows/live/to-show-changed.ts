import { type Show, ShowChangedField, type ShowChanged, type ShowFacts } from '@usher/contract';
import { toTiers } from '../../catalog/index.js';
import type { ChangeOf, TermsChange } from '../core/log/show-change.js';
import type { ChangeableTerms, ShowTerms } from '../core/model/show-terms.js';

const iso = (ms: number): string => new Date(ms).toISOString();

/** The parts of `ShowChanged` that depend on the type of the change. */
type Changed = Pick<ShowChanged, 'show' | 'before' | 'calledOff'>;

/** The wire format of each type of change to the terms. */
const wireForms: {
  readonly [Type in TermsChange['type']]: {
    fields(change: ChangeOf<Type>): ShowChangedField[];
    changed(change: ChangeOf<Type>, currency: string): Changed;
  };
} = {
  calledOff: {
    fields: () => ['calledOff'],
    changed: ({ reason = null }) => ({
      show: { calledOff: true, calledOffReason: reason },
      before: { calledOff: false, calledOffReason: null },
      calledOff: true,
    }),
  },
  termsChanged: {
    fields: ({ before = {} }) => ShowChangedField.options.filter((field) => Object.hasOwn(before, field)),
    changed({ terms, before = {} }, currency) {
      const after = Object.fromEntries(
        Object.keys(before).map((field) => [field, (terms as Readonly<Record<string, unknown>>)[field]]),
      );
      // A new currency changes every price, so the message contains the prices too.
      const isOtherCurrency = 'currency' in before;
      const pricesBefore = before.prices ?? terms.prices;
      return {
        show: toFacts({ ...after, ...(isOtherCurrency && { prices: terms.prices }) }, terms.currency),
        before: toFacts({ ...before, ...(isOtherCurrency && { prices: pricesBefore }) }, before.currency ?? currency),
        calledOff: false,
      };
    },
  },
};

/** Returns the fields of a show that a change to its terms modified, with their names in the contract. */
export const changedFields = (change: TermsChange): ShowChangedField[] => fieldsOf(change.type, change);

const fieldsOf = <Type extends TermsChange['type']>(type: Type, change: ChangeOf<Type>): ShowChangedField[] =>
  wireForms[type].fields(change);

const changedOf = <Type extends TermsChange['type']>(type: Type, change: ChangeOf<Type>, currency: string): Changed =>
  wireForms[type].changed(change, currency);

/**
 * Returns the message about a change to a show's terms for clients that have the show open. Returns null for a change
 * that an earlier release logged, because that release did not log the previous values. The clients then notice from
 * `termsVersion` that they missed a change.
 */
export function toShowChanged(
  { showId, currency }: Pick<ShowTerms, 'showId' | 'currency'>,
  at: number,
  change: TermsChange,
): ShowChanged | null {
  const { termsVersion, reason = null } = change;
  const changed = changedFields(change);
  if (termsVersion === undefined || changed.length === 0) return null;
  return { showId, termsVersion, at: iso(at), changed, reason, ...changedOf(change.type, change, currency) };
}

/** Returns terms in the form that `GET /v1/shows/:showId` returns. */
function toFacts(terms: Partial<ChangeableTerms>, currency: string): ShowFacts {
  const { startsAt, endsAt, prices, saleOpensAt, saleClosesAt, rules, waitingRoom, protection } = terms;
  return {
    ...(startsAt !== undefined && { startsAt: iso(startsAt) }),
    ...(endsAt !== undefined && { endsAt: iso(endsAt) }),
    ...(prices !== undefined && { tiers: toTiers(prices, currency) }),
    ...(saleOpensAt !== undefined && { saleOpensAt: saleOpensAt === null ? null : iso(saleOpensAt) }),
    ...(saleClosesAt !== undefined && { saleClosesAt: iso(saleClosesAt) }),
    ...(rules !== undefined && { rules }),
    ...(waitingRoom !== undefined && { waitingRoom: waitingRoom !== null }),
    ...(protection !== undefined && { codeRequired: protection?.codeRequired ?? false }),
  } satisfies Partial<Show>;
}
