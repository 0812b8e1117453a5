import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';

/** Tells which sessions have passed the challenge of a show. So far, no session can pass it. */
@Injectable()
export class Challenges {
  hasPassed(_showId: number, _sessionId: string): boolean | Promise<boolean> {
    return false;
  }

  /** @param reason tells the buyer why the challenge is needed */
  required(_showId: number, reason: string): DomainError<'CHALLENGE_REQUIRED'> {
    return new DomainError('CHALLENGE_REQUIRED', reason, {});
  }
}
