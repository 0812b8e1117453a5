import type { ShowJoined } from '@usher/contract';
import type { ChallengeGate } from '../challenge/challenge-gate.js';
import { toUsherError, type UsherError, type UsherErrorCode } from '../common/errors.js';
import { backoffMs, retryDelayMs } from '../common/retry.js';
import type { Connection } from '../connection/connection.js';
import type { ServerClock } from '../connection/server-clock.js';

const joinTimeoutMs = 5_000;
const firstJoinDelayMs = 500;
const maxJoinDelayMs = 15_000;

/** Error codes after which another attempt would fail in the same way. */
const finalCodes: ReadonlySet<UsherErrorCode> = new Set(['NOT_FOUND', 'INVALID_REQUEST', 'FORBIDDEN', 'SALE_CLOSED']);

/** The parts of a show's store that a {@link RoomMembership} uses. */
export interface RoomMembershipContext {
  readonly connection: Connection;
  readonly challenges: ChallengeGate;
  readonly clock: ServerClock;
  /**
   * Resolves when the server has processed an earlier `show:leave` of this show. A join must not overtake that leave.
   */
  readonly previousLeave: Promise<void>;
  isShutDown(): boolean;
  /** Called immediately before each join is sent. Returns a mark of the line's state for {@link onJoined}. */
  onSending(): number;
  onJoined(answer: ShowJoined, lineMark: number): void;
  /** Called if the join failed and may be sent again. */
  onRetry(error: UsherError): void;
  /** Called if the server refused the join, because the session must use an access code first. */
  onCodeRequired(error: UsherError): void;
  /** Called if the server refused the join for good. */
  onRefused(error: UsherError): void;
}

/** This client's membership in the room of one show. It repeats a failed join with a growing delay. */
export class RoomMembership {
  /** Whether a join has been sent and not answered. */
  isJoining = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly showId: number,
    private readonly context: RoomMembershipContext,
  ) {}

  /** Joins now. Does nothing if a join is in progress or the client is not connected. @param attempt 0 for a first join */
  async join(attempt = 0, timeoutMs = joinTimeoutMs): Promise<void> {
    const { connection, challenges, clock } = this.context;
    if (this.isJoining || this.context.isShutDown() || !connection.isConnected) return;
    this.cancelScheduledJoin();
    this.isJoining = true;
    try {
      await this.context.previousLeave;
      if (this.context.isShutDown()) return;
      let sentAt = 0;
      let lineMark = 0;
      const send = () =>
        connection.sendOnce((socket) => {
          sentAt = performance.now();
          lineMark = this.context.onSending();
          return socket.emitWithAck('show:join', { showId: this.showId });
        }, timeoutMs);
      const answer = await challenges.run(this.showId, send);
      clock.learn(answer.serverTime, sentAt);
      this.isJoining = false;
      this.context.onJoined(answer, lineMark);
    } catch (error) {
      this.isJoining = false;
      this.onFailed(toUsherError(error), attempt);
    }
  }

  /** Tries the challenge again, and then joins if the session still wants to be in the room. */
  async retryChallenge(wantsRoom: () => boolean): Promise<void> {
    const isPassed = await this.context.challenges.pass(this.showId).then(
      () => true,
      () => false, // The view shows the failure.
    );
    if (isPassed && wantsRoom()) await this.join();
  }

  /** Leaves the room. Resolves when the server has answered, or if the request fails. */
  async leave(): Promise<void> {
    const { connection } = this.context;
    if (!connection.isConnected) return;
    // If this event gets lost, the connection is lost too, and the server removes the client from the room.
    await connection
      .sendOnce((socket) => socket.emitWithAck('show:leave', { showId: this.showId }))
      .catch(() => undefined);
  }

  /** Joins after a delay. Replaces a join that is already scheduled. */
  scheduleJoin(delayMs: number, attempt = 0): void {
    this.cancelScheduledJoin();
    this.timer = setTimeout(() => void this.join(attempt), delayMs);
  }

  cancelScheduledJoin(): void {
    clearTimeout(this.timer);
  }

  private onFailed(error: UsherError, attempt: number): void {
    if (this.context.isShutDown()) return;
    if (finalCodes.has(error.code)) {
      this.context.onRefused(error);
      return;
    }
    if (error.code === 'CODE_REQUIRED') {
      this.context.onCodeRequired(error);
      return;
    }
    const { connection, challenges } = this.context;
    // A repeated join has timed out, although the client is connected. A new connection may reach another node.
    if (error.code === 'TIMEOUT' && attempt > 0 && connection.isConnected) connection.restart();
    // If the client is not connected, the store joins again after the next connection.
    if (!connection.isConnected) return;
    this.context.onRetry(error);
    // The device probably cannot solve the next challenge either, so a person decides about the next attempt.
    if (challenges.stateOf(this.showId) === 'failed') return;
    const delayMs = backoffMs(attempt, firstJoinDelayMs, maxJoinDelayMs);
    this.scheduleJoin(Math.max(delayMs, retryDelayMs(error, attempt) ?? 0), attempt + 1);
  }
}
