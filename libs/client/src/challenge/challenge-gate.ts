import { endpoints } from '@usher/contract';
import { toUsherError, UsherError } from '../common/errors.js';
import { callWithRetries } from '../common/retry.js';
import { bearerHeader, type RestClient, type WithToken } from '../http/rest-client.js';
import type { ChallengeSolver, ChallengeState } from './challenge-types.js';

/** The parts of the client that a {@link ChallengeGate} uses. */
export interface ChallengeGateContext {
  readonly rest: RestClient;
  readonly withToken: WithToken;
  readonly requestTimeoutMs: number;
  readonly solve: ChallengeSolver;
  /** Called when the state of a show has changed. */
  onChanged(showId: number): void;
}

/** Passes the challenges of shows, and repeats the calls that were refused because of them. */
export class ChallengeGate {
  private readonly states = new Map<number, ChallengeState>();
  private readonly pending = new Map<number, Promise<void>>();

  constructor(private readonly context: ChallengeGateContext) {}

  stateOf(showId: number): ChallengeState {
    return this.states.get(showId) ?? 'none';
  }

  /**
   * Runs a call. If the server asks for a challenge, solves one and runs the call once more.
   *
   * @param call must be safe to repeat
   * @throws UsherError the error of the call; `CHALLENGE_REQUIRED` if the challenge could not be solved
   */
  async run<T>(showId: number, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (thrown) {
      const error = toUsherError(thrown);
      if (error.code !== 'CHALLENGE_REQUIRED') throw error;
      await this.pass(showId).catch((cause: unknown) => {
        throw new UsherError(error.code, `The challenge was not passed. ${toUsherError(cause).message}`, error.body, {
          cause,
        });
      });
      return call();
    }
  }

  /** Solves a challenge of a show. Concurrent callers share one attempt. */
  pass(showId: number): Promise<void> {
    const pending = this.pending.get(showId) ?? this.solve(showId);
    this.pending.set(showId, pending);
    return pending;
  }

  private async solve(showId: number): Promise<void> {
    const { rest, withToken, requestTimeoutMs, solve } = this.context;
    // Repeated requests are harmless: the server poses another challenge, or sees the same solution again.
    const call = <T>(send: (token: string) => Promise<T>): Promise<T> =>
      callWithRetries(() => withToken(send), requestTimeoutMs);
    this.setState(showId, 'solving');
    try {
      const challenge = await call((token) =>
        rest.call(endpoints.getChallenge, { showId }, { headers: bearerHeader(token) }),
      );
      const body = { solution: await solve(challenge, showId) };
      await call((token) => rest.call(endpoints.solveChallenge, { showId }, { headers: bearerHeader(token), body }));
      this.endAttempt(showId, 'none');
    } catch (error) {
      this.endAttempt(showId, 'failed');
      throw error;
    }
  }

  private endAttempt(showId: number, state: ChallengeState): void {
    // The attempt has ended before listeners hear of it, because a listener may start the next attempt at once.
    this.pending.delete(showId);
    this.setState(showId, state);
  }

  private setState(showId: number, state: ChallengeState): void {
    if (state === 'none') this.states.delete(showId);
    else this.states.set(showId, state);
    this.context.onChanged(showId);
  }
}
