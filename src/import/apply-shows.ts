import { findAmountProblems, findSaleProblems } from '@usher/contract';
import type { ClientBase } from 'pg';
import type { AmountStep } from '../common/amount-steps.js';
import { toEpochMs } from '../database/sql-time.js';
import type { Applied } from './apply-catalog.js';
import type { BadLine } from './bad-line.js';
import {
  changeOfShow,
  type HallRow,
  type MovieRow,
  type ShowChange,
  type StoredShow,
  type WantedShow,
} from './change-of-show.js';
import { findReferences, isReferredTo, missing } from './references.js';
import type { StagedLine } from './staged-lines.js';

const refused = ({ file, line }: StagedLine, field: string, message: string): BadLine => ({
  file,
  line,
  field,
  message,
});

/**
 * Inserts shows that do not exist yet. If a line differs from its existing show, the show's lane changes the show
 * later.
 */
export class ShowLines {
  /** The tiers of each layout by layout id, in the order in which the seats name them. */
  private readonly tiers = new Map<number, readonly string[]>();

  constructor(
    private readonly client: ClientBase,
    /** Keeps changes to existing shows until everything else is committed. Then the shows' lanes make these changes. */
    private readonly later: (changes: readonly ShowChange[]) => Promise<void>,
    private readonly amountStep: AmountStep,
  ) {}

  async apply(lines: readonly StagedLine<'show'>[]): Promise<Applied> {
    const bad: BadLine[] = [];
    const wanted = await this.wanted(lines, bad);
    const stored = await this.stored(wanted.map(({ line }) => line.ref));
    await this.learnTiers([
      ...wanted.map(({ hall }) => hall.layoutId),
      ...[...stored.values()].map(({ layoutId }) => layoutId),
    ]);
    const fresh = wanted.filter(({ line }) => !stored.has(line.ref));
    const made = await this.plan(
      fresh.filter((show) => this.canBeSold(show, bad)),
      bad,
    );
    const changes = wanted.flatMap((show) => {
      const before = stored.get(show.line.ref);
      return before ? [{ show, before }] : [];
    });
    return { ...(await this.change(changes, bad)), made, bad };
  }

  private async wanted(lines: readonly StagedLine<'show'>[], bad: BadLine[]): Promise<WantedShow[]> {
    const movieOf = ({ body }: StagedLine<'show'>) => ({ ref: body.movieRef, id: body.movieId });
    const hallOf = ({ body }: StagedLine<'show'>) => ({ ref: body.hallRef, id: body.hallId });
    const movieBy = await findReferences(lines.map(movieOf), (values) =>
      this.client.query<MovieRow>(
        `select id, external_ref as ref, duration_minutes as "durationMinutes" from movie where ${isReferredTo}`,
        values,
      ),
    );
    const hallBy = await findReferences(lines.map(hallOf), (values) =>
      this.client.query<HallRow>(
        `select id, external_ref as ref, layout_id as "layoutId" from hall where ${isReferredTo}`,
        values,
      ),
    );
    return lines.flatMap((line) => {
      const [movie, hall] = [movieBy(movieOf(line)), hallBy(hallOf(line))];
      if (!movie) bad.push({ file: line.file, line: line.line, ...missing('movie', movieOf(line)) });
      if (!hall) bad.push({ file: line.file, line: line.line, ...missing('hall', hallOf(line)) });
      if (!movie || !hall) return [];
      const startsAt = Date.parse(line.body.startsAt);
      const { saleOpensAt, saleClosesAt } = line.body;
      return {
        line,
        movie,
        hall,
        startsAt,
        endsAt: startsAt + movie.durationMinutes * 60_000,
        saleOpensAt: saleOpensAt === null ? null : Date.parse(saleOpensAt),
        saleClosesAt: saleClosesAt === undefined ? null : Date.parse(saleClosesAt),
      };
    });
  }

  private async stored(refs: readonly string[]): Promise<Map<string, StoredShow>> {
    const { rows } = await this.client.query<StoredShow & { ref: string }>(
      `select external_ref as ref, id as "showId", movie_id as "movieId", hall_id as "hallId", layout_id as "layoutId",
         ${toEpochMs('starts_at')} as "startsAt", ${toEpochMs('sale_opens_at')} as "saleOpensAt",
         ${toEpochMs('sale_closes_at')} as "saleClosesAt", currency, prices, rules, waiting_room as "waitingRoom",
         protection
       from show where external_ref = any ($1)`,
      [refs],
    );
    return new Map(rows.map((row) => [row.ref, row]));
  }

  private async learnTiers(layoutIds: readonly number[]): Promise<void> {
    const unknown = [...new Set(layoutIds)].filter((id) => !this.tiers.has(id));
    if (unknown.length === 0) return;
    const { rows } = await this.client.query<{ id: number; tiers: string[] }>(
      `select id, (select array_agg(tier order by place) from (
         select seat ->> 'tier' as tier, min(n) as place
         from jsonb_array_elements(seats) with ordinality as s(seat, n) group by 1) t) as tiers
       from layout where id = any ($1)`,
      [unknown],
    );
    for (const { id, tiers } of rows) this.tiers.set(id, tiers);
  }

  private canBeSold({ line, hall, startsAt, saleOpensAt, saleClosesAt }: WantedShow, bad: BadLine[]): boolean {
    const sale = { prices: line.body.prices, saleOpensAt, saleClosesAt: saleClosesAt ?? startsAt };
    const problems = [
      ...findSaleProblems(this.tiers.get(hall.layoutId) ?? [], sale),
      ...findAmountProblems(line.body, this.amountStep),
    ];
    bad.push(...problems.map(({ path, message }) => refused(line, path, message)));
    return problems.length === 0;
  }

  /**
   * Inserts shows. If two shows overlap in a hall, PostgreSQL inserts only the first.
   *
   * @returns the number of inserted shows
   */
  private async plan(shows: readonly WantedShow[], bad: BadLine[]): Promise<number> {
    if (shows.length === 0) return 0;
    const { rows } = await this.client.query<{ ref: string }>(
      `insert into show (external_ref, movie_id, hall_id, layout_id, starts_at, ends_at, currency, prices, sale_opens_at,
         sale_closes_at, rules, waiting_room, protection)
       select * from jsonb_to_recordset($1) as s(ref text, movie int, hall int, layout int, "startsAt" timestamptz,
         "endsAt" timestamptz, currency text, prices jsonb, "saleOpensAt" timestamptz, "saleClosesAt" timestamptz,
         rules jsonb, room jsonb, protection jsonb)
       on conflict do nothing returning external_ref as ref`,
      [JSON.stringify(shows.map(rowOf))],
    );
    const stored = new Set(rows.map(({ ref }) => ref));
    for (const show of shows) if (!stored.has(show.line.ref)) bad.push(await this.overlap(show, null));
    return rows.length;
  }

  private async change(
    shows: readonly { readonly show: WantedShow; readonly before: StoredShow }[],
    bad: BadLine[],
  ): Promise<{ changed: number; same: number }> {
    const later: ShowChange[] = [];
    let changed = 0;
    let same = 0;
    for (const { show, before } of shows) {
      const change = changeOfShow(show, before, this.tiers.get(before.layoutId) ?? [], this.amountStep);
      if (change.problems.length > 0) {
        bad.push(...change.problems.map(({ path, message }) => refused(show.line, path, message)));
      } else if (change.isMoved && !(await this.canMove(show, before.showId))) {
        bad.push(await this.overlap(show, before.showId));
      } else if (change.patch) {
        changed++;
        later.push({ ...show.line, showId: before.showId, patch: change.patch });
      } else {
        same++;
      }
    }
    await this.later(later);
    return { changed, same };
  }

  /**
   * Returns true if the import sees no other show in the hall at that time. The lane checks this once more before it
   * moves the show.
   */
  private async canMove({ hall, startsAt, endsAt }: WantedShow, showId: number): Promise<boolean> {
    const { rowCount } = await this.client.query(
      `select from show where hall_id = $1 and called_off_at is null
         and tstzrange(starts_at, ends_at) && tstzrange($2, $3) and id <> $4 limit 1`,
      [hall.id, new Date(startsAt), new Date(endsAt), showId],
    );
    return rowCount === 0;
  }

  private async overlap({ line, hall, startsAt, endsAt }: WantedShow, showId: number | null): Promise<BadLine> {
    const { rows } = await this.client.query<{ name: string }>(
      `select coalesce(external_ref, id::text) as name from show where hall_id = $1 and called_off_at is null
         and tstzrange(starts_at, ends_at) && tstzrange($2, $3) and id is distinct from $4 order by starts_at limit 1`,
      [hall.id, new Date(startsAt), new Date(endsAt), showId],
    );
    return refused(line, 'startsAt', `the hall has ${rows[0] ? `show ${rows[0].name}` : 'another show'} at that time`);
  }
}

/** Converts a show to the record that the `insert` statement reads from JSON. */
function rowOf({ line: { ref, body }, movie, hall, startsAt, endsAt, saleOpensAt, saleClosesAt }: WantedShow) {
  const room = body.waitingRoom;
  return {
    ref,
    movie: movie.id,
    hall: hall.id,
    layout: hall.layoutId,
    startsAt: new Date(startsAt),
    endsAt: new Date(endsAt),
    currency: body.currency,
    prices: body.prices,
    saleOpensAt: saleOpensAt === null ? null : new Date(saleOpensAt),
    saleClosesAt: new Date(saleClosesAt ?? startsAt),
    rules: body.rules,
    room: room && room.mode !== 'off' ? room : null,
    protection: body.protection,
  };
}
