import { Injectable } from '@nestjs/common';
import { type AccessCodeAllowance, type AccessCodeEnd, isMistypedAccessCode } from '@usher/contract';
import { type Buyer, type SharedLimiter, SharedLimiters } from '../../access/index.js';
import { BoundedCalls } from '../../common/bounded-calls.js';
import { DomainError } from '../../common/domain-error.js';
import { toIsoOrNull } from '../../database/sql-time.js';
import { ShowsService } from '../../shows/index.js';
import { AccessCodeDigests } from './access-code-digests.service.js';
import { AccessCodeUses } from './access-code-uses.service.js';
import { AccessCodesRepository, type CodeState } from './access-codes.repository.js';

/**
 * Codes that wait for the row of the same code. All buyers of a club may use one code in the same minute, and they must not
 * take the connections of the lanes.
 */
const redemptionBounds = {
  runningMax: 2,
  waitingMax: 5000,
  detail: 'Many buyers are using access codes. This call did nothing, so a retry is safe.',
  retryAfterMs: 1000,
};

/** Budget of codes that one session may try. */
const triesPerSession = { points: 10, seconds: 60 };

/** Budget of unknown codes from one source. A school or a mobile carrier may be one source, so only failures count. */
const failuresPerSource = { points: 100, seconds: 600 };

/** Lets buyers use access codes. */
@Injectable()
export class AccessCodes {
  private readonly redemptions = new BoundedCalls(redemptionBounds);
  private readonly tries: SharedLimiter;
  private readonly failures: SharedLimiter;

  constructor(
    private readonly shows: ShowsService,
    private readonly uses: AccessCodeUses,
    private readonly digests: AccessCodeDigests,
    private readonly repository: AccessCodesRepository,
    limiters: SharedLimiters,
  ) {
    this.tries = limiters.create('access-codes', triesPerSession);
    this.failures = limiters.create('unknown-access-codes', failuresPerSource);
  }

  /**
   * Uses a code for the session of a buyer. A session that has used the code before gets the same answer again.
   *
   * @throws DomainError `NOT_FOUND` (also for a code of another show), `CODE_UNUSABLE`, `RATE_LIMITED`, `BUSY`
   */
  async redeem(showId: number, buyer: Buyer, code: string): Promise<AccessCodeAllowance> {
    const { sessionId } = buyer;
    await this.shows.lane(showId); // throws NOT_FOUND for an unknown show
    throwIfLimited(await this.tries.take(sessionId));
    if (isMistypedAccessCode(code)) throw unknownCode('This access code contains a typing error.');
    const digest = (await this.digests.ofShow(showId))(code);
    await this.redemptions.run(() => this.use(showId, buyer, digest));
    return this.uses.allowance(showId, sessionId);
  }

  /** Returns what the codes of the session allow. @throws DomainError `NOT_FOUND` */
  async allowance(showId: number, sessionId: string): Promise<AccessCodeAllowance> {
    await this.shows.lane(showId); // throws NOT_FOUND for an unknown show
    return this.uses.allowance(showId, sessionId);
  }

  private async use(showId: number, { sessionId, source, isSeller }: Buyer, digest: string): Promise<void> {
    // The check is made here and not before the wait, so that many calls at once cannot all pass it.
    if (!isSeller) throwIfLimited(await this.failures.waitMs(source));
    if (await this.repository.redeem(showId, digest, sessionId)) return;
    const state = await this.repository.state(showId, digest, sessionId);
    if (!state) {
      if (!isSeller) await this.failures.take(source);
      throw unknownCode('This show has no such access code.');
    }
    const end = endOf(state);
    if (end !== null) throw unusable(end, state);
  }
}

function throwIfLimited(retryAfterMs: number): void {
  if (retryAfterMs === 0) return;
  throw new DomainError('RATE_LIMITED', 'Too many access codes were tried. Wait before the next one.', {
    retryAfterMs,
  });
}

const unknownCode = (detail: string): DomainError<'NOT_FOUND'> =>
  new DomainError('NOT_FOUND', detail, { what: 'access code' });

/** Returns why a code of the show cannot be used. Returns null if the session has used it and it is still valid. */
function endOf({ isRevoked, isExpired, isUsedBySession, validFrom }: CodeState): AccessCodeEnd | null {
  if (isRevoked) return 'revoked';
  if (isExpired) return 'expired';
  if (isUsedBySession) return null;
  return validFrom === null ? 'usedUp' : 'early';
}

const details: Readonly<Record<AccessCodeEnd, string>> = {
  usedUp: 'This access code has already been used as often as it allows.',
  early: 'This access code is not valid yet.',
  expired: 'This access code is no longer valid.',
  revoked: 'This access code was revoked.',
};

const unusable = (reason: AccessCodeEnd, { validFrom }: CodeState): DomainError<'CODE_UNUSABLE'> =>
  new DomainError('CODE_UNUSABLE', details[reason], { reason, validFrom: toIsoOrNull(validFrom) });
