import type {
  Booking,
  LineName,
  Queue,
  QueueBody,
  QueueExpired,
  QueueLeft,
  QueueMoved,
  QueueOutcome,
} from '@usher/contract';
import type { ChallengeGate } from '../challenge/challenge-gate.js';
import { toUsherError, UsherError } from '../common/errors.js';
import { createIdempotencyKey } from '../common/idempotency-key.js';
import { delay, retryDelayMs } from '../common/retry.js';
import type { Connection } from '../connection/connection.js';
import { LinePlace } from './line-place.js';
import type { LineEnd, LineView } from './line-types.js';

/** How long the client waits for a missing broadcast before it asks the server. */
const missingBroadcastTimeoutMs = 250;
/** Maximum of a random extra delay, so that clients that miss the same broadcast do not all ask at the same time. */
const maxRandomDelayMs = 750;
const statusTimeoutMs = 4_000;
/**
 * After this time without a message about the line, the client asks the server, because messages may have been lost
 * between the service's nodes.
 */
const silenceTimeoutMs = 30_000;

/** The parts of a show's store that a {@link LiveLine} uses. */
export interface LiveLineContext {
  readonly connection: Connection;
  readonly challenges: ChallengeGate;
  readonly requestTimeoutMs: number;
  /** Called when the line's view has changed. */
  onChanged(): void;
  /** Called if the server says that this session is no longer in the line, and no event has given the reason. */
  onGone(line: LineName): void;
  /**
   * Called if the server says that this session is no longer in the line, because the session left by its own choice.
   */
  onLeft(line: LineName): void;
}

/** This session's place in one show's line, and the outcome of its wait. Both survive a reconnect. */
export class LiveLine {
  private readonly place = new LinePlace();
  /** Ids of the bookings that the server offered to this session. */
  private readonly offeredIds = new Set<string>();
  /** Ids of the bookings that this session made without the line. */
  private readonly reservedIds = new Set<string>();
  private lineEnd: LineEnd | null = null;
  private isAskingStatus = false;
  private doubtTimer: ReturnType<typeof setTimeout> | undefined;
  private lastMessageAt = 0;
  /** Number of events that ended a wait. An answer is out of date if its request was sent before such an event. */
  private endCount = 0;

  constructor(
    private readonly showId: number,
    private readonly context: LiveLineContext,
  ) {}

  /** Returns the line's part of the show's view. @param bookings this session's bookings, which may include the offer */
  view(bookings: readonly Booking[]): LineView {
    const offer = bookings.find(({ bookingId, status }) => status === 'reserved' && this.offeredIds.has(bookingId));
    return { queue: this.place.queue, offer: offer ?? null, lineEnd: this.lineEnd };
  }

  /**
   * Returns a mark of the current state. Call this when a join is sent, and pass the mark to {@link applyJoin} together
   * with the answer.
   */
  mark(): number {
    return this.endCount;
  }

  /**
   * Applies the answer to `show:join`.
   *
   * @param liveBookings this session's live bookings from the answer
   * @returns false if the answer is out of date, because the session's wait ended after the join was sent
   */
  applyJoin(queue: Queue | null, liveBookings: readonly Booking[], mark: number): boolean {
    if (mark !== this.endCount) return false;
    const before = this.place.queue;
    if (before?.line === 'seats' && queue === null) {
      // The session left the line while the client received no messages. A hold that this session did not make itself
      // is an offer.
      const offer = liveBookings.find(
        ({ bookingId, status }) => status === 'reserved' && !this.reservedIds.has(bookingId),
      );
      if (offer) this.offeredIds.add(offer.bookingId);
      else this.lineEnd = { line: 'seats', reason: 'unseen' };
    } else {
      if (before === null) for (const { bookingId } of liveBookings) this.addReserved(bookingId);
      if (this.lineEnd?.line === 'entry') this.lineEnd = null;
    }
    this.applyPlace(queue, true);
    return true;
  }

  /** Records a booking that this session made without the line. */
  addReserved(bookingId: string): void {
    this.reservedIds.add(bookingId);
  }

  onMoved(message: QueueMoved): void {
    this.lastMessageAt = performance.now();
    this.place.applyBroadcast(message);
    this.onPlaceChanged();
  }

  /** Handles the place that the shuffle of the lobby gave to this session. */
  onPlaced(queue: Queue): void {
    this.applyPlace(queue);
  }

  /** Handles a join that this session made by another socket or over REST. */
  onJoinedElsewhere(queue: Queue): void {
    const isNew = this.place.queue === null;
    this.applyPlace(queue);
    // After a status request, the server also sends the line's broadcasts to this socket.
    if (isNew) void this.askStatus();
  }

  /** Handles `queue:left`. @returns whether this client knew the place that the session has left */
  onLeft({ line, ticket: lineTicket }: QueueLeft): boolean {
    const { queue } = this.place;
    if (queue?.line !== line || queue.ticket !== lineTicket) return false;
    this.endWait(null);
    return true;
  }

  onOffer(booking: Booking): void {
    this.offeredIds.add(booking.bookingId);
    this.endWait(null);
  }

  onAdmitted(): void {
    this.endWait(null);
  }

  onExpired({ line, reason }: QueueExpired): void {
    this.endWait({ line, reason });
  }

  onStayEnded(): void {
    const { queue } = this.place;
    const lineEnd: LineEnd = { line: 'entry', reason: 'stayEnded' };
    // A session in the line for seats keeps its place there after its stay has ended.
    if (queue?.line !== 'seats') this.endWait(lineEnd);
    else this.lineEnd = lineEnd;
  }

  /**
   * Marks all answers in progress as out of date, because a wait has ended, and it may be the wait that they describe.
   */
  invalidatePendingAnswers(): void {
    this.endCount++;
  }

  /** Asks the server for the place, because a new connection has not received anything about the show. */
  refresh(): void {
    void this.askStatus();
  }

  /** Handles an error with which the server refused a request because this session is not admitted. */
  onNotAdmitted(queue: Queue | null): void {
    if (queue === null) this.onStayEnded();
    else this.applyPlace(queue, true);
  }

  onDisconnected(): void {
    this.cancelDoubtTimer();
  }

  close(): void {
    this.cancelDoubtTimer();
    this.place.applyAnswer(null, true);
  }

  /** Called about every second while the client is connected. */
  onTick(): void {
    if (this.place.queue === null || performance.now() - this.lastMessageAt < silenceTimeoutMs) return;
    void this.askStatus();
  }

  /** See {@link ShowStore.joinLine}. */
  async join(body: QueueBody): Promise<Queue | null> {
    const { connection, challenges, requestTimeoutMs } = this.context;
    let mark = this.endCount;
    // All attempts have the same key. Otherwise, if an answer is lost and the place is served meanwhile, the next
    // attempt would give the session a second place.
    const payload = { ...body, showId: this.showId, key: createIdempotencyKey() };
    const { queue } = await challenges.run(this.showId, () => {
      mark = this.endCount;
      return connection.sendUntilAnswered((socket) => socket.emitWithAck('queue:join', payload), requestTimeoutMs);
    });
    // An offer that followed at once may have arrived before this answer.
    if (mark !== this.endCount) return this.place.queue;
    this.applyPlace(queue);
    return queue;
  }

  /** See {@link ShowStore.leaveLine}. */
  async leave(): Promise<void> {
    const { connection, requestTimeoutMs } = this.context;
    const deadline = performance.now() + requestTimeoutMs;
    for (let attempt = 0; ; attempt++) {
      try {
        await connection.sendOnce((socket) => socket.emitWithAck('queue:leave', { showId: this.showId }));
        break;
      } catch (thrown) {
        const error = toUsherError(thrown);
        const delayMs = retryDelayMs(error, attempt);
        if (delayMs === null) throw error;
        if (delayMs >= deadline - performance.now()) {
          throw error.body ? error : UsherError.timeout(`No answer within ${requestTimeoutMs} ms`);
        }
        await delay(delayMs);
        // The client must not send the event again if the place is gone. A second event would end the session's stay in
        // a metered show.
        if (!(await this.isInLine(deadline - performance.now()))) break;
      }
    }
    this.endWait(null);
  }

  private async isInLine(timeoutMs: number): Promise<boolean> {
    const payload = { showId: this.showId };
    const { queue } = await this.context.connection.sendUntilAnswered(
      (socket) => socket.emitWithAck('queue:status', payload),
      timeoutMs,
    );
    return queue !== null;
  }

  private endWait(lineEnd: LineEnd | null): void {
    this.endCount++;
    this.lineEnd = lineEnd;
    this.applyPlace(null, true);
  }

  private applyPlace(queue: Queue | null, isAuthoritative = false): void {
    this.lastMessageAt = performance.now();
    if (queue !== null) this.lineEnd = null;
    this.place.applyAnswer(queue, isAuthoritative);
    this.onPlaceChanged();
  }

  private onPlaceChanged(): void {
    if (this.place.isInDoubt && !this.isAskingStatus) {
      const delayMs = missingBroadcastTimeoutMs + Math.random() * maxRandomDelayMs;
      this.doubtTimer ??= setTimeout(() => void this.askStatus(), delayMs);
    } else if (!this.place.isInDoubt) this.cancelDoubtTimer();
    this.context.onChanged();
  }

  private cancelDoubtTimer(): void {
    clearTimeout(this.doubtTimer);
    this.doubtTimer = undefined;
  }

  /** Asks the server for the place, because the messages about the line are not enough to determine the place. */
  private async askStatus(): Promise<void> {
    this.cancelDoubtTimer();
    const { connection } = this.context;
    const before = this.place.queue;
    if (this.isAskingStatus || before === null || !connection.isConnected) return;
    this.isAskingStatus = true;
    this.lastMessageAt = performance.now();
    const mark = this.endCount;
    const payload = { showId: this.showId };
    const answer = await connection
      .sendOnce((socket) => socket.emitWithAck('queue:status', payload), statusTimeoutMs)
      .catch(() => undefined);
    this.isAskingStatus = false;
    const queue = answer?.queue;
    if (queue === null && mark === this.endCount) this.onGone(before, answer?.outcome);
    else if (queue !== undefined && mark === this.endCount) this.applyPlace(queue);
    // Either there was no answer, or the answer is out of date. If the place is still in doubt, the client asks again.
    else this.onPlaceChanged();
  }

  /** Handles the server's answer that this session is in no line. No event has given the reason. */
  private onGone({ line, ticket: lineTicket }: Queue, outcome: QueueOutcome | undefined): void {
    if (outcome?.type === 'left' && outcome.line === line && outcome.ticket === lineTicket) {
      this.endWait(null);
      this.context.onLeft(line);
      return;
    }
    this.endWait({ line, reason: 'unseen' });
    this.context.onGone(line);
  }
}
