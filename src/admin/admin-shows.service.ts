import { Injectable } from '@nestjs/common';
import {
  findAmountProblems,
  type BlocksAnswer,
  type BlocksBody,
  type Page,
  findSaleProblems,
  type Show,
  type ShowLogEntry,
  type ShowPatch,
  listTiers,
} from '@usher/contract';
import type { AuditCaller } from '../access/index.js';
import { CatalogService, ShowsAdministration } from '../catalog/index.js';
import { toDomainError } from '../common/domain-error.js';
import { createInvalidRequestError } from '../common/invalid-request.js';
import {
  type Actor,
  type Outcome,
  ShowLogRepository,
  type Refused,
  ShowsService,
  type ShowTerms,
  termsAfter,
  type TermsPatch,
  touchesAmounts,
  toWaitingRoom,
} from '../shows/index.js';
import { toShowLogEntry } from './to-show-log-entry.js';

/** Changes shows through their lanes, so that every node and every viewer learns of the change. */
@Injectable()
export class AdminShowsService {
  constructor(
    private readonly shows: ShowsService,
    private readonly catalog: CatalogService,
    private readonly planning: ShowsAdministration,
    private readonly showLog: ShowLogRepository,
  ) {}

  /**
   * Changes a show's terms. If any part of the patch is invalid, nothing changes.
   *
   * @throws DomainError `NOT_FOUND`, `INVALID_REQUEST`, `BUSY`
   */
  async change(showId: number, { reason, ...patch }: ShowPatch, caller: AuditCaller): Promise<Show> {
    const { terms } = await this.shows.lane(showId);
    const changed = saleTermsOf(patch);
    refuseProblems(terms, {
      ...changed,
      ...(patch.startsAt !== undefined && { startsAt: Date.parse(patch.startsAt) }),
    });
    const { movieId, hallId, startsAt } = patch;
    const isPlanned = movieId !== undefined || hallId !== undefined || startsAt !== undefined;
    const planned = isPlanned ? await this.planning.planned(showId, { movieId, hallId, startsAt }) : {};
    const patched = { terms: { ...changed, ...planned }, reason: reason ?? null };
    throwIfRefused(await this.shows.submit(showId, { type: 'changeTerms', ...patched, ...administeredBy(caller) }));
    return this.catalog.show(showId);
  }

  /**
   * Calls a show off. If the show was called off before, it keeps the first reason.
   *
   * @throws DomainError `NOT_FOUND`, `BUSY`
   */
  async callOff(showId: number, reason: string, caller: AuditCaller): Promise<Show> {
    await this.shows.submit(showId, { type: 'callOff', reason, ...administeredBy(caller) });
    return this.catalog.show(showId);
  }

  /**
   * Blocks seats, which takes them off sale, or unblocks them.
   *
   * @throws DomainError `NOT_FOUND`, `INVALID_SEATS`, `SEATS_TAKEN` (if one of the seats is held or sold, none of them
   * is blocked), `BUSY`
   */
  async setBlocked(
    showId: number,
    type: 'block' | 'unblock',
    body: BlocksBody,
    caller: AuditCaller,
  ): Promise<BlocksAnswer> {
    const { seats, reason = null } = body;
    const outcome = await this.shows.submit(showId, { type, seats, reason, ...administeredBy(caller) });
    throwIfRefused(outcome);
    return { version: outcome.version };
  }

  /** Returns entries of a show's log, oldest first. @throws DomainError `NOT_FOUND` */
  async log(showId: number, after: number, limit: number): Promise<Page<ShowLogEntry>> {
    await this.shows.lane(showId); // throws NOT_FOUND for an unknown show
    const entries = await this.showLog.entriesAfter(showId, after, limit + 1);
    const items = entries.slice(0, limit).map(toShowLogEntry);
    return { items, nextCursor: entries.length > limit ? String(items.at(-1)?.seq) : null };
  }
}

/**
 * Returns the fields of a command that name its caller: `by` for the log of the show, `audit` for the audit trail. The log
 * names no person, so that only the audit trail has personal data of operators.
 */
const administeredBy = (audit: AuditCaller): { readonly by: Actor; readonly audit: AuditCaller } => {
  const { kind, id, name } = audit.actor;
  return { by: { keyId: kind === 'key' ? id : null, name: kind === 'person' ? 'operator' : name }, audit };
};

function throwIfRefused<O extends Outcome>(outcome: O | Refused): asserts outcome is O {
  if (outcome.type === 'refused') throw toDomainError(outcome.error);
}

/** Returns the part of a patch that changes the sale terms. */
function saleTermsOf({
  prices,
  currency,
  rules,
  saleOpensAt,
  saleClosesAt,
  waitingRoom,
  protection,
}: ShowPatch): TermsPatch {
  return {
    ...(prices && { prices }),
    ...(currency && { currency }),
    ...(rules && { rules }),
    ...(saleOpensAt !== undefined && { saleOpensAt: saleOpensAt === null ? null : Date.parse(saleOpensAt) }),
    ...(saleClosesAt !== undefined && { saleClosesAt: Date.parse(saleClosesAt) }),
    ...(waitingRoom !== undefined && { waitingRoom: waitingRoom && toWaitingRoom({ maxShoppers: 1, ...waitingRoom }) }),
    ...(protection !== undefined && { protection }),
  };
}

/**
 * Refuses an invalid patch with a list of all its problems. The lane checks the patch once more, but its refusal names
 * only the first problem.
 */
function refuseProblems(terms: ShowTerms, patch: TermsPatch): void {
  const after = termsAfter(terms, patch);
  const problems = [
    ...findSaleProblems(listTiers(terms.layout.seats), after),
    ...(touchesAmounts(patch) ? findAmountProblems(after, terms.amountStep) : []),
  ];
  if (problems.length === 0) return;
  throw createInvalidRequestError(problems.map(({ path, message }) => ({ path: path.split('.'), message })));
}
