import { Injectable } from '@nestjs/common';
import { Subject } from 'rxjs';
import type { Buyer } from '../../access/index.js';
import { DomainError } from '../../common/domain-error.js';

/** Knows which sessions have passed the challenge of a show. */
@Injectable()
export class Challenges {
  /** Emits each wrong solution. */
  readonly failed = new Subject<{ readonly showId: number; readonly buyer: Buyer }>();

  hasPassed(_showId: number, _sessionId: string): boolean | Promise<boolean> {
    return false;
  }

  required(_showId: number, _reason: string): DomainError<'CHALLENGE_REQUIRED'> {
    return new DomainError('CHALLENGE_REQUIRED', 'Pass the challenge of this show first, then try again.', {});
  }
}
