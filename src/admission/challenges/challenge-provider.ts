/** The injection token of the {@link ChallengeProvider} that the settings choose. */
export const CHALLENGE_PROVIDER = Symbol('ChallengeProvider');

/** The session that must solve a challenge, and the show for which it must. */
export interface ChallengeSubject {
  readonly showId: number;
  readonly sessionId: string;
}

/** A task as a provider poses it. */
export interface PosedChallenge {
  /** What the client's solver needs, as JSON. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly expiresAt: Date;
}

/** The result of a check. `problem` tells a person why the solution is refused. */
export type ChallengeVerdict = { readonly isSolved: true } | { readonly isSolved: false; readonly problem: string };

/**
 * Poses challenges and checks their solutions. A provider must bind each challenge to its subject and to an expiry, so
 * that a solution is useless for another session or another show. Every node must accept the challenges of every other.
 */
export interface ChallengeProvider {
  /** Names the kind of the challenge, so that clients choose a solver. */
  readonly name: string;
  create(subject: ChallengeSubject): Promise<PosedChallenge>;
  /** @throws DomainError `BUSY` if the provider cannot check the solution now */
  verify(solution: string, subject: ChallengeSubject): Promise<ChallengeVerdict>;
}

/** How long a client may take to solve a challenge. */
export const challengeLifeMs = 5 * 60_000;
