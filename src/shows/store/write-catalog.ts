import type { CatalogCommit } from '../core/rows/show-commit.js';
import type { ShowCommit } from '../core/log/to-commit.js';
import { time } from './sql-fragments.js';
import type { RunStatement } from './statement.js';

/**
 * `$1` show, `$2` version of its terms, `$3` prices, `$4` currency, `$5` start of the sale (null: open from the
 * beginning), `$6` end of the sale, `$7` rules, `$8` waiting room or null; `$9`–`$12` movie, hall, start and end, null
 * if the show does not move; `$13` protection or null.
 */
const writeTerms = {
  name: 'show-write-terms',
  text: `update show set terms_version = $2, prices = $3::jsonb, currency = $4, sale_opens_at = ${time('$5::float8')},
    sale_closes_at = ${time('$6::float8')}, rules = $7::jsonb, waiting_room = $8::jsonb,
    movie_id = coalesce($9::int, movie_id), hall_id = coalesce($10::int, hall_id),
    starts_at = coalesce(${time('$11::float8')}, starts_at), ends_at = coalesce(${time('$12::float8')}, ends_at),
    protection = $13::jsonb
    where id = $1`,
};

/**
 * `$1` show, `$2` version of its terms, `$3` time of calling it off, `$4` reason. If the show was called off before,
 * the first time and reason are kept.
 */
const writeCallOff = {
  name: 'show-write-call-off',
  text: `update show set terms_version = $2, called_off_at = coalesce(called_off_at, ${time('$3::float8')}),
    called_off_reason = coalesce(called_off_reason, $4) where id = $1`,
};

/**
 * Writes new terms of a show to its catalog entry, in the transaction that writes the log entry. So when a lane opens,
 * it reads the same terms as the log contains. If two changes are made, the later one wins.
 */
export async function writeCatalog(
  run: RunStatement,
  { showId, entry }: ShowCommit,
  catalog: CatalogCommit,
): Promise<void> {
  const { termsVersion, calledOff } = catalog;
  if (catalog.terms) await run({ ...writeTerms, values: termsValues(showId, catalog, catalog.terms) });
  if (calledOff) await run({ ...writeCallOff, values: [showId, termsVersion, entry.at, calledOff.reason] });
}

/** Lists the parameters of {@link writeTerms} in their order. */
function termsValues(showId: number, catalog: CatalogCommit, terms: NonNullable<CatalogCommit['terms']>): unknown[] {
  const { termsVersion, planned } = catalog;
  const { prices, currency, saleOpensAt, saleClosesAt, rules, waitingRoom: room, protection = null } = terms;
  const { shopMs, ...entry } = room ?? { shopMs: 0 };
  const stored = room && { ...entry, shopSeconds: shopMs / 1000 };
  const json = (value: unknown) => value && JSON.stringify(value);
  return [
    showId,
    termsVersion,
    json(prices),
    currency,
    saleOpensAt,
    saleClosesAt,
    json(rules),
    json(stored),
    planned?.movieId ?? null,
    planned?.hallId ?? null,
    planned?.startsAt ?? null,
    planned?.endsAt ?? null,
    json(protection),
  ];
}
