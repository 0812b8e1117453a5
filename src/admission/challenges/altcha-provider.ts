import type { KeyObject } from 'node:crypto';
import { randomInt } from 'node:crypto';
import { AltchaChallenge } from '@usher/contract';
import { createChallenge, type Solution, verifySolution } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { z } from 'zod';
import { deriveBytes } from '../../common/text-cipher.js';
import {
  challengeLifeMs,
  type ChallengeProvider,
  type ChallengeSubject,
  type ChallengeVerdict,
  type PosedChallenge,
} from './challenge-provider.js';

/**
 * Iterations of PBKDF2 for one key. With fewer, the overhead of each call in a browser would cost honest buyers more
 * than an attacker with a program of its own. With more, the key that the server derives for each challenge would cost
 * the server more.
 */
const iterations = 2000;

const Payload = z.strictObject({
  challenge: AltchaChallenge,
  solution: z.object({ counter: z.int(), derivedKey: z.string().max(128) }),
});

/** The secrets of one session key: one signs challenges, the other signs their results. */
interface Secrets {
  readonly hmacSignatureSecret: string;
  readonly hmacKeySignatureSecret: string;
}

function deriveSecrets(key: KeyObject): Secrets {
  const secretFor = (purpose: string) => deriveBytes(key, purpose, 32).toString('hex');
  return {
    hmacSignatureSecret: secretFor('usher challenges'),
    hmacKeySignatureSecret: secretFor('usher challenge results'),
  };
}

const refused = (problem: string): ChallengeVerdict => ({ isSolved: false, problem });

/**
 * Poses proofs of work with ALTCHA. The server derives a key for a secret counter and tells the client the first half of
 * the key. The client derives the keys of the counters 0, 1, 2, … until it finds this key. The server recognizes the key
 * by a signature, so it derives no key to check a solution.
 */
export class AltchaProvider implements ChallengeProvider {
  readonly name = 'altcha';
  private readonly secrets: readonly [Secrets, ...Secrets[]];

  /**
   * @param keys the first key signs challenges, all keys verify them
   * @param workMax maximum number of keys that a client must derive
   */
  constructor(
    [first, ...others]: readonly [KeyObject, ...KeyObject[]],
    private readonly workMax: number,
  ) {
    this.secrets = [deriveSecrets(first), ...others.map(deriveSecrets)];
  }

  async create({ showId, sessionId }: ChallengeSubject): Promise<PosedChallenge> {
    const expiresAt = new Date(Date.now() + challengeLifeMs);
    const { parameters, signature } = await createChallenge({
      algorithm: 'PBKDF2/SHA-256',
      cost: iterations,
      counter: randomInt(this.workMax),
      deriveKey,
      data: { showId, sessionId },
      expiresAt,
      ...this.secrets[0],
    });
    return { parameters: { parameters, signature }, expiresAt };
  }

  async verify(solution: string, { showId, sessionId }: ChallengeSubject): Promise<ChallengeVerdict> {
    const payload = parsePayload(solution);
    if (!payload) return refused('The solution is not a payload of ALTCHA in Base64.');
    const { data } = payload.challenge.parameters;
    if (data.showId !== showId || data.sessionId !== sessionId) {
      return refused('The challenge was posed to another session or for another show.');
    }
    for (const secrets of this.secrets) {
      const { verified, expired, invalidSignature } = await verifySolution({ ...payload, deriveKey, ...secrets });
      if (verified) return { isSolved: true };
      if (expired) return refused('The challenge has expired. Get a new one.');
      if (!invalidSignature) return refused('The solution is wrong.');
    }
    return refused('The challenge was not posed by this service, or it was changed. Get a new one.');
  }
}

function parsePayload(text: string): { challenge: AltchaChallenge; solution: Solution } | null {
  try {
    return Payload.parse(JSON.parse(Buffer.from(text, 'base64').toString('utf8')));
  } catch {
    // The caller learns that the payload is malformed. What exactly is wrong does not matter, because no solver makes it.
    return null;
  }
}
