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
import type { Connection } from '../connection/connection.js';
import { toUsherError, UsherError } from '../common/errors.js';
import { QueuePlace } from './line-place.js';
import { randomKey } from '../common/idempotency-key.js';
import { delay, retryDelay } from '../common/retry.js';
import type { LineEnd, LineView } from '../types.js';

/** How long a missing message may take before the server is asked, and how far those who miss the same one spread. */
const DOUBT_MS = 250;
const DOUBT_SPREAD_MS = 750;
const STATUS_MS = 4_000;
/** Nothing heard of the line for so long: news of it may have been lost between the service's nodes. */
const SILENCE_MS = 30_000;

/** What a line needs of the show it is about. */
export interface LineSurroundings {
  readonly connection: Connection;
  readonly requestTimeoutMs: number;
  /** The view differs. */
  changed(): void;
  /** The server says that this session stands in this line no longer, and no event has said why. */
  missing(line: LineName): void;
  /** The same, and it was this session's choice. */
  left(line: LineName): void;
}

/** This session's place in one show's line over one connection after another, and what became of it. */
export class LiveLine {
  private readonly place = new QueuePlace();
  private readonly offered = new Set<string>();
  /** Bookings that came to be without the line. */
  private readonly own = new Set<string>();
  private end: LineEnd | null = null;
  private isAsking = false;
  private doubtTimer: ReturnType<typeof setTimeout> | undefined;
  private heardAt = 0;
  /** Counts the events that took us out of a line; an answer that was asked for before one is out of date. */
  private ends = 0;

  constructor(
    private readonly showId: number,
    private readonly around: LineSurroundings,
  ) {}

  /** The line's part of the show's view. @param bookings this session's, of which one may be an offer */
  view(bookings: readonly Booking[]): LineView {
    const offer = bookings.find(({ bookingId, status }) => status === 'reserved' && this.offered.has(bookingId));
    return { queue: this.place.queue, offer: offer ?? null, lineEnd: this.end };
  }

  /** To be given to {@link joined} with the answer to a join that is sent now. */
  mark(): number {
    return this.ends;
  }

  /**
   * Takes what the answer to `show:join` says of the line.
   *
   * @param live this session's bookings in it
   * @returns false when something happened to our place after the answer was written
   */
  joined(queue: Queue | null, live: readonly Booking[], mark: number): boolean {
    if (mark !== this.ends) return false;
    const before = this.place.queue;
    if (before?.line === 'seats' && queue === null) {
      // Out of the line while nobody could tell us: by an offer, if there is a hold that we did not make.
      const offer = live.find(({ bookingId, status }) => status === 'reserved' && !this.own.has(bookingId));
      if (offer) this.offered.add(offer.bookingId);
      else this.end = { line: 'seats', reason: 'unseen' };
    } else {
      if (before === null) for (const { bookingId } of live) this.reserved(bookingId);
      if (this.end?.line === 'entry') this.end = null;
    }
    this.take(queue, true);
    return true;
  }

  /** A booking came to be without the line. */
  reserved(bookingId: string): void {
    this.own.add(bookingId);
  }

  moved(message: QueueMoved): void {
    this.heardAt = performance.now();
    this.place.moved(message);
    this.afterNews();
  }

  /** The lobby was shuffled. */
  placed(queue: Queue): void {
    this.take(queue);
  }

  /** This session joined by another socket or over REST. */
  joinedElsewhere(queue: Queue): void {
    const isNew = this.place.queue === null;
    this.take(queue);
    // Asking also makes the server send this socket how the line moves.
    if (isNew) void this.ask();
  }

  /** This session left the line, here or elsewhere. @returns whether it was the place that is known here */
  left({ line, ticket }: QueueLeft): boolean {
    const { queue } = this.place;
    if (queue?.line !== line || queue.ticket !== ticket) return false;
    this.leaves(null);
    return true;
  }

  offer(booking: Booking): void {
    this.offered.add(booking.bookingId);
    this.leaves(null);
  }

  admitted(): void {
    this.leaves(null);
  }

  expired({ line, reason }: QueueExpired): void {
    this.leaves({ line, reason });
  }

  stayEnded(): void {
    const { queue } = this.place;
    // Who waits for seats goes on waiting for them outside.
    if (queue?.line !== 'seats') this.leaves({ line: 'entry', reason: 'stayEnded' });
    else this.end = { line: 'entry', reason: 'stayEnded' };
  }

  /** Something ended of which it is not known whether it is about us: answers that are on their way may be out of date. */
  outdate(): void {
    this.ends++;
  }

  /** The server says that this session stands in no line, and no event has said why. */
  private isGone({ line, ticket }: Queue, outcome: QueueOutcome | undefined): void {
    if (outcome?.type === 'left' && outcome.line === line && outcome.ticket === ticket) {
      this.leaves(null);
      this.around.left(line);
      return;
    }
    this.leaves({ line, reason: 'unseen' });
    this.around.missing(line);
  }

  /** Asks the server for our place, over a new connection that has not said anything of the show. */
  refresh(): void {
    void this.ask();
  }

  /** The server refused something as this session is not let in. */
  notAdmitted(queue: Queue | null): void {
    if (queue === null) this.stayEnded();
    else this.take(queue, true);
  }

  /** The connection is lost: timers have nobody to ask. */
  down(): void {
    clearTimeout(this.doubtTimer);
    this.doubtTimer = undefined;
  }

  /** Nobody wants to know any more. */
  close(): void {
    this.down();
    this.place.take(null, true);
  }

  /** About every second, while connected. */
  tick(): void {
    if (this.place.queue === null || performance.now() - this.heardAt < SILENCE_MS) return;
    void this.ask();
  }

  /** See {@link ShowStore.joinLine}. */
  async join(wish: QueueBody): Promise<Queue | null> {
    const { connection, requestTimeoutMs } = this.around;
    const mark = this.ends;
    // One key for all attempts: a place that was served before its answer came is not given twice.
    const payload = { ...wish, showId: this.showId, key: randomKey() };
    const { queue } = await connection.ask((socket) => socket.emitWithAck('queue:join', payload), requestTimeoutMs);
    // An offer that followed at once may have overtaken the answer.
    if (mark !== this.ends) return this.place.queue;
    this.take(queue);
    return queue;
  }

  /** See {@link ShowStore.leaveLine}. */
  async leave(): Promise<void> {
    const { connection, requestTimeoutMs } = this.around;
    const deadline = performance.now() + requestTimeoutMs;
    for (let attempt = 0; ; attempt++) {
      try {
        await connection.send((socket) => socket.emitWithAck('queue:leave', { showId: this.showId }));
        break;
      } catch (thrown) {
        const error = toUsherError(thrown);
        const pause = retryDelay(error, attempt);
        const left = deadline - performance.now();
        if (pause === null) throw error;
        if (pause >= left) throw error.body ? error : UsherError.timeout(`No answer within ${requestTimeoutMs} ms`);
        await delay(pause);
        // Sent twice it would end the stay in a metered show, once the place in line is gone.
        if (!(await this.isInLine(deadline - performance.now()))) break;
      }
    }
    this.leaves(null);
  }

  private async isInLine(timeoutMs: number): Promise<boolean> {
    const { connection } = this.around;
    const status = { showId: this.showId };
    return (await connection.ask((socket) => socket.emitWithAck('queue:status', status), timeoutMs)).queue !== null;
  }

  private leaves(end: LineEnd | null): void {
    this.ends++;
    this.end = end;
    this.take(null, true);
  }

  private take(queue: Queue | null, isNewest = false): void {
    this.heardAt = performance.now();
    if (queue !== null) this.end = null;
    this.place.take(queue, isNewest);
    this.afterNews();
  }

  private afterNews(): void {
    if (this.place.isInDoubt && !this.isAsking) {
      this.doubtTimer ??= setTimeout(() => void this.ask(), DOUBT_MS + Math.random() * DOUBT_SPREAD_MS);
    } else if (!this.place.isInDoubt) this.down();
    this.around.changed();
  }

  /** Asks the server for our place, as what was heard of the line does not tell it. */
  private async ask(): Promise<void> {
    this.down();
    const { connection } = this.around;
    const before = this.place.queue;
    if (this.isAsking || before === null || !connection.isConnected) return;
    this.isAsking = true;
    this.heardAt = performance.now();
    const mark = this.ends;
    const status = { showId: this.showId };
    const answer = await connection
      .send((socket) => socket.emitWithAck('queue:status', status), STATUS_MS)
      .catch(() => undefined);
    this.isAsking = false;
    const queue = answer?.queue;
    if (queue === null && mark === this.ends) this.isGone(before, answer?.outcome);
    else if (queue !== undefined && mark === this.ends) this.take(queue);
    // Not answered, or answered by a node that is behind: what is in doubt still is asked for again.
    else this.afterNews();
  }
}
