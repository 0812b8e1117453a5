import { Injectable } from '@nestjs/common';
import {
  amountProblems,
  type BlocksAnswer,
  type Page,
  saleProblems,
  type Show,
  type ShowLogEntry,
  type ShowPatch,
  tiersOf,
} from '@usher/contract';
import { CatalogService } from '../../catalog/catalog.service.js';
import { ShowsAdministration } from '../../catalog/administration/shows-administration.service.js';
import { refusal } from '../../common/domain-error.js';
import { invalidRequest } from '../../common/invalid-request.js';
import type { Outcome } from '../../shows/core/command.js';
import { touchesAmounts } from '../../shows/core/administrate.js';
import type { SaleTerms, ShowTerms } from '../../shows/core/show-terms.js';
import { PostgresShowStore } from '../../shows/postgres-show-store.js';
import { ShowsService } from '../../shows/shows.service.js';
import { toWaitingRoom } from '../../shows/waiting-room-terms.js';
import { toShowLogEntry } from './to-show-log-entry.js';

/** Changes shows that are on sale: through their lanes, so that every node and every viewer learns of it. */
@Injectable()
export class AdminShowsService {
  constructor(
    private readonly shows: ShowsService,
    private readonly catalog: CatalogService,
    private readonly planning: ShowsAdministration,
    private readonly store: PostgresShowStore,
  ) {}

  /**
   * Changes a show: what, where and when in the catalog, what it is sold by in its lane. All is looked at before any of it
   * is done.
   *
   * @throws DomainError `NOT_FOUND`, `INVALID_REQUEST`, `BUSY`
   */
  async change(showId: number, patch: ShowPatch): Promise<Show> {
    const { terms } = await this.shows.lane(showId);
    const { startsAt } = await this.catalog.show(showId);
    const changed = changedTerms(terms, patch, Date.parse(startsAt));
    if (changed) refuseProblems(terms, changed);
    const { movieId, hallId, startsAt: movedTo } = patch;
    if (movieId ?? hallId ?? movedTo) await this.planning.moveShow(showId, { movieId, hallId, startsAt: movedTo });
    if (changed) orRefused(await this.shows.submit(showId, { type: 'changeTerms', terms: changed }));
    return this.catalog.show(showId);
  }

  /**
   * Takes seats out of the sale, or puts them back on it.
   *
   * @throws DomainError `NOT_FOUND`, `INVALID_SEATS`, `SEATS_TAKEN` (none is blocked if one is held or sold), `BUSY`
   */
  async setBlocked(showId: number, type: 'block' | 'unblock', seats: readonly number[]): Promise<BlocksAnswer> {
    const outcome = orRefused(await this.shows.submit(showId, { type, seats }));
    if (outcome.type !== 'seatsSet') throw new Error(`seats cannot be set with ${outcome.type}`);
    return { version: outcome.version };
  }

  /** Entries of a show's log, oldest first. @throws DomainError `NOT_FOUND` */
  async log(showId: number, after: number, limit: number): Promise<Page<ShowLogEntry>> {
    await this.shows.lane(showId); // NOT_FOUND before an empty log
    const entries = await this.store.log(showId, after, limit + 1);
    const items = entries.slice(0, limit).map(toShowLogEntry);
    return { items, nextCursor: entries.length > limit ? String(items.at(-1)?.seq) : null };
  }
}

function orRefused(outcome: Outcome): Exclude<Outcome, { type: 'refused' }> {
  if (outcome.type === 'refused') throw refusal(outcome.error);
  return outcome;
}

/** Of what a patch says, that by which the show is sold; null: it says nothing of it. */
function changedTerms(terms: ShowTerms, patch: ShowPatch, startedAt: number): Partial<SaleTerms> | null {
  const { prices, currency, rules, saleOpensAt, waitingRoom } = patch;
  const saleClosesAt = closingTime(terms, patch, startedAt);
  const changed: Partial<SaleTerms> = {
    ...(prices && { prices }),
    ...(currency && { currency }),
    ...(rules && { rules }),
    ...(saleOpensAt !== undefined && { saleOpensAt: saleOpensAt === null ? null : Date.parse(saleOpensAt) }),
    ...(saleClosesAt !== null && { saleClosesAt }),
    ...(waitingRoom !== undefined && { waitingRoom: waitingRoom && toWaitingRoom({ maxShoppers: 1, ...waitingRoom }) }),
  };
  return Object.keys(changed).length > 0 ? changed : null;
}

/** When the sale closes after the patch; null: as before. A sale that closes with the start moves with it. */
function closingTime({ saleClosesAt }: ShowTerms, patch: ShowPatch, startedAt: number): number | null {
  if (patch.saleClosesAt !== undefined) return Date.parse(patch.saleClosesAt);
  return patch.startsAt !== undefined && saleClosesAt === startedAt ? Date.parse(patch.startsAt) : null;
}

function refuseProblems(terms: ShowTerms, changed: Partial<SaleTerms>): void {
  const after = { ...terms, ...changed };
  const problems = [
    ...saleProblems(tiersOf(terms.layout.seats), after),
    ...(touchesAmounts(changed) ? amountProblems(after, terms.amountStep) : []),
  ];
  if (problems.length === 0) return;
  throw invalidRequest(problems.map(({ path, message }) => ({ path: path.split('.'), message })));
}
