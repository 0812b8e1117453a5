import { Injectable } from '@nestjs/common';
import type { AccessCodeAllowance } from '@usher/contract';
import type { Buyer } from '../../access/index.js';
import { createBoundedCache } from '../../common/bounded-cache.js';
import { DomainError } from '../../common/domain-error.js';
import { SingleFlight } from '../../common/single-flight.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { toIsoOrNull } from '../../database/sql-time.js';
import { codeRequiredDetail, type Outcome, type SeatCommand, type ShowTerms, ShowsService } from '../../shows/index.js';
import { AccessCodesRepository, type CodeUse } from './access-codes.repository.js';

/** Maximum number of sessions whose uses a node remembers. */
const sessionsMax = 100_000;

/** Maximum number of shows whose revision a node remembers. */
const showsMax = 5000;

/** Maximum age of a show's revision. A revoked batch allows no more seats after this time, on every node. */
const revisionAgeMsMax = 1000;

/** The number of seats that the codes of a buyer allow, and how recent it is. */
export type SeatAllowance = Required<Pick<SeatCommand, 'seatsAllowed' | 'codesReadSeq'>>;

interface KnownUses {
  readonly revision: number;
  /** The last commit of the show that this node knew before it read the uses. */
  readonly readSeq: number;
  readonly uses: readonly Pick<CodeUse, 'seats' | 'until'>[];
}

/**
 * Knows how many seats the access codes of sessions allow. A node remembers the sessions that have used a code, so that a
 * hot show needs one query per second and not one per call. A session without a use is looked up every time, because it
 * may have used a code on another node a moment ago. All lookups of a show that come during a query share the next one.
 */
@Injectable()
export class AccessCodeUses {
  private readonly known = createBoundedCache<string, KnownUses>(sessionsMax);
  private readonly revisions = createBoundedCache<number, { readonly revision: number; readonly readAt: number }>(
    showsMax,
  );
  private readonly wanted = new Map<number, Set<string>>();
  private readonly lookups = new SingleFlight<number>((showId) => this.readWanted(showId));
  private readonly revisionReads = new SingleFlight<number>(async (showId) => {
    this.setRevision(showId, await this.repository.revision(showId));
  });

  constructor(
    private readonly shows: ShowsService,
    private readonly repository: AccessCodesRepository,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * Checks that a buyer has used an access code if the show requires one. Returns null if the buyer is admitted at once.
   *
   * @throws DomainError through the promise: `CODE_REQUIRED`, `NOT_FOUND`
   */
  check(showId: number, { sessionId, isSeller }: Buyer): Promise<void> | null {
    if (isSeller) return null;
    const terms = this.shows.laneInMemory(showId)?.terms;
    if (terms && (!isCodeRequired(terms) || (this.knownSeats(showId, sessionId) ?? 0) > 0)) return null;
    return this.requireUse(showId, sessionId);
  }

  /**
   * Runs a command of a buyer with the number of seats that the buyer's codes allow. The command runs once more if the lane
   * refuses it for too few seats and the session has used another code meanwhile, or if the lane refuses it because the
   * codes were read before the data of some session was erased.
   */
  async withSeatsAllowed<O extends Outcome>(
    showId: number,
    { sessionId, isSeller }: Buyer,
    submit: (allowance: SeatAllowance) => Promise<O>,
  ): Promise<O> {
    if (isSeller) return submit({ seatsAllowed: null, codesReadSeq: 0 });
    const before = this.rememberedAllowance(showId, sessionId);
    const outcome = await submit(before);
    const code = outcome.type === 'refused' ? outcome.error.code : null;
    if ((code !== 'CODE_REQUIRED' && code !== 'HOLD_LIMIT') || !this.isCodeRequired(showId)) return outcome;
    await this.lookUp(showId, sessionId);
    const now = this.rememberedAllowance(showId, sessionId);
    const mayPass = code === 'CODE_REQUIRED' ? now.seatsAllowed > 0 : now.seatsAllowed > before.seatsAllowed;
    return mayPass ? submit(now) : outcome;
  }

  /** Reads what the codes of a session allow. */
  async allowance(showId: number, sessionId: string): Promise<AccessCodeAllowance> {
    await this.lookUp(showId, sessionId);
    const uses = this.validUses(this.known.get(nameOf(showId, sessionId)));
    const ends = uses.flatMap(({ until }) => until ?? []);
    return { seats: sumOfSeats(uses), until: toIsoOrNull(ends.length > 0 ? Math.min(...ends) : null) };
  }

  /** Makes this node read the revision of a show again before it admits another call. */
  forgetRevision(showId: number): void {
    this.revisions.delete(showId);
  }

  /** Forgets what this node knows about a session. */
  forgetSession(showId: number, sessionId: string): void {
    this.known.delete(nameOf(showId, sessionId));
  }

  private isCodeRequired(showId: number): boolean {
    const terms = this.shows.laneInMemory(showId)?.terms;
    return terms !== undefined && isCodeRequired(terms);
  }

  private async requireUse(showId: number, sessionId: string): Promise<void> {
    const { terms } = await this.shows.lane(showId);
    if (!isCodeRequired(terms)) return;
    if (!this.hasRecentRevision(showId)) await this.revisionReads.run(showId);
    const seats = this.knownSeats(showId, sessionId) ?? 0;
    if (seats > 0) return;
    await this.lookUp(showId, sessionId);
    if (this.rememberedAllowance(showId, sessionId).seatsAllowed > 0) return;
    throw new DomainError('CODE_REQUIRED', codeRequiredDetail, {});
  }

  /** Returns the seats of a session that memory knows and that no revoked batch allows. Returns null if it may not. */
  private knownSeats(showId: number, sessionId: string): number | null {
    const known = this.known.get(nameOf(showId, sessionId));
    const isCurrent = known?.revision === this.revisions.get(showId)?.revision && this.hasRecentRevision(showId);
    return known && isCurrent ? sumOfSeats(this.validUses(known)) : null;
  }

  private rememberedAllowance(showId: number, sessionId: string): { seatsAllowed: number; codesReadSeq: number } {
    const known = this.isCodeRequired(showId) ? this.known.get(nameOf(showId, sessionId)) : undefined;
    return { seatsAllowed: sumOfSeats(this.validUses(known)), codesReadSeq: known?.readSeq ?? 0 };
  }

  private lookUp(showId: number, sessionId: string): Promise<void> {
    const wanted = this.wanted.get(showId);
    if (wanted) wanted.add(sessionId);
    else this.wanted.set(showId, new Set([sessionId]));
    return this.lookups.run(showId);
  }

  private async readWanted(showId: number): Promise<void> {
    const sessionIds = [...(this.wanted.get(showId) ?? [])];
    this.wanted.delete(showId);
    // Read before the uses, so that the uses are at least as recent.
    const readSeq = this.shows.laneInMemory(showId)?.seq ?? 0;
    const { revision, uses } = await this.repository.uses(showId, sessionIds);
    this.setRevision(showId, revision);
    const bySession = Map.groupBy(uses, ({ sessionId }) => sessionId);
    for (const sessionId of sessionIds) {
      const ofSession = bySession.get(sessionId);
      const name = nameOf(showId, sessionId);
      // Sessions without a use are not remembered, so that guesses cannot push out the buyers.
      if (ofSession) {
        this.known.set(name, { revision, readSeq, uses: ofSession.map(({ seats, until }) => ({ seats, until })) });
      } else this.known.delete(name);
    }
  }

  /** A read that began earlier may end later. The revision of a show never falls, so the highest one is the newest. */
  private setRevision(showId: number, revision: number): void {
    const before = this.revisions.get(showId)?.revision ?? 0;
    this.revisions.set(showId, { revision: Math.max(before, revision), readAt: performance.now() });
  }

  private hasRecentRevision(showId: number): boolean {
    const known = this.revisions.get(showId);
    return known !== undefined && performance.now() < known.readAt + revisionAgeMsMax;
  }

  private validUses(known: KnownUses | undefined): KnownUses['uses'] {
    const now = this.clock.now();
    return known?.uses.filter(({ until }) => until === null || until > now) ?? [];
  }
}

const nameOf = (showId: number, sessionId: string): string => `${showId} ${sessionId}`;

const isCodeRequired = ({ protection }: ShowTerms): boolean => protection?.codeRequired === true;

const sumOfSeats = (uses: KnownUses['uses']): number => uses.reduce((sum, { seats }) => sum + seats, 0);
