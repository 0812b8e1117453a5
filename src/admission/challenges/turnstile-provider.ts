import { createHash } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { z } from 'zod';
import { DomainError } from '../../common/domain-error.js';
import { failureCode } from '../../common/outbound-post.js';
import type { ChallengeConfig } from '../../config/protection-config.js';
import {
  challengeLifeMs,
  type ChallengeProvider,
  type ChallengeSubject,
  type ChallengeVerdict,
  type PosedChallenge,
} from './challenge-provider.js';

/** Maximum time that Turnstile may take to check a token. */
const timeoutMs = 5000;
const retryAfterMs = 1000;

/** The name of the challenge in Turnstile's statistics. */
const action = 'usher-show';

/** The fields of the answer of `siteverify` that the service needs. */
const Verified = z.object({
  success: z.boolean(),
  action: z.string().optional(),
  cdata: z.string().nullish(),
  'error-codes': z.array(z.string()).optional(),
});

/**
 * Lets Cloudflare Turnstile pose the challenge. The page shows Turnstile's widget with the parameters of the challenge. The
 * service sends the token of the widget to Turnstile, but neither the buyer's network address nor the session.
 */
export class TurnstileProvider implements ChallengeProvider {
  readonly name = 'turnstile';
  private readonly logger = new Logger(TurnstileProvider.name);

  constructor(private readonly config: NonNullable<ChallengeConfig['turnstile']>) {}

  async create(subject: ChallengeSubject): Promise<PosedChallenge> {
    const { siteKey } = this.config;
    return {
      parameters: { siteKey, action, cData: digestOf(subject) },
      expiresAt: new Date(Date.now() + challengeLifeMs),
    };
  }

  async verify(solution: string, subject: ChallengeSubject): Promise<ChallengeVerdict> {
    const verified = await this.siteverify(solution);
    if (!verified.success) {
      return { isSolved: false, problem: 'Turnstile does not accept this token, or the token was used before.' };
    }
    if (verified.action !== action || verified.cdata !== digestOf(subject)) {
      return { isSolved: false, problem: 'The token belongs to another session or to another show.' };
    }
    return { isSolved: true };
  }

  /** @throws DomainError `BUSY` */
  private async siteverify(token: string): Promise<z.infer<typeof Verified>> {
    try {
      const response = await fetch(this.config.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ secret: this.config.secretKey, response: token }),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      // Turnstile answers a wrong token with status 400 and a body of the same shape.
      const verified = Verified.parse(await response.json());
      if (verified['error-codes']?.some((code) => /^(missing|invalid)-input-secret$|^internal-error$/.test(code))) {
        throw new Error(`Turnstile answered ${verified['error-codes'].join(', ')}`);
      }
      return verified;
    } catch (error) {
      this.logger.warn({ reason: failureCode(error) }, 'Turnstile could not check a token; the buyer has to try again');
      throw new DomainError('BUSY', 'The challenge cannot be checked right now.', { retryAfterMs });
    }
  }
}

/** The token contains this text, so that it is of no use for another session or another show. */
const digestOf = ({ showId, sessionId }: ChallengeSubject): string =>
  createHash('sha256').update(`usher challenge ${showId} ${sessionId}`).digest('base64url');
