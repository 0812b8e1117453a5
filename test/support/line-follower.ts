import { type Queue, QueueMoved } from '@usher/contract';
import { join, getPlace } from './line-service.js';
import type { TestSocket } from './socket.js';

/** The numbers that describe the other waiters around a place. */
interface OtherWaiters {
  readonly version: number;
  readonly waiting: number;
  readonly lastPlace: number;
  readonly ahead: number | null;
}

/**
 * The number of waiters ahead, counted in three ways: by the server, from the numbers in messages, and from the set of
 * places that left.
 */
export interface LineCount {
  readonly byServer: OtherWaiters;
  readonly counted: OtherWaiters;
  readonly bySet: number | null;
}

const readOtherWaiters = ({ version, waiting, lastPlace, ahead }: Queue): OtherWaiters => ({
  version,
  waiting,
  lastPlace,
  ahead,
});

/**
 * Counts the waiters ahead of a client in the two ways that the contract allows. One way uses only the numbers in each
 * message. The other way uses the set of all places that left the line.
 */
export class LineFollower {
  /** How often the client missed a message and had to ask for its place. */
  gaps = 0;
  /** How often a message did not start at the version at which the previous message ended. */
  holes = 0;
  private readonly left = new Set<number>();
  private head = 1;
  private asking: Promise<void> | null = null;
  private pendingMessages: QueueMoved[] = [];
  private lastVersion: number | null = null;
  private error: unknown = null;
  /** True if nobody had left the line before the client joined. */
  private readonly hasSeenAllLeave: boolean;

  private constructor(
    private readonly socket: TestSocket,
    private known: Queue,
  ) {
    this.hasSeenAllLeave = known.place === (known.ahead ?? NaN) + 1;
    socket.io.on('queue:moved', (moved) => this.onMoved(moved));
  }

  /** Joins a show's line and follows its messages from then on. */
  static async join(socket: TestSocket, showId: number, request: object = { partySize: 1 }): Promise<LineFollower> {
    // A message that arrives together with the answer is emitted before the code after the `await` below runs.
    const early: unknown[] = [];
    const keep = (moved: unknown) => void early.push(moved);
    socket.io.on('queue:moved', keep);
    const follower = new LineFollower(socket, await join(socket, showId, request));
    socket.io.off('queue:moved', keep);
    for (const moved of early) follower.onMoved(moved);
    return follower;
  }

  /** Returns the client's counts and the server's count, or null if the client no longer stands in line. */
  async count(): Promise<LineCount | null> {
    const byServer = await getPlace(this.socket, this.known.showId);
    // The server sent all earlier messages before this answer, on the same connection.
    await this.asking;
    if (this.error !== null) throw this.error;
    const { known, bySet } = this;
    return (
      byServer && {
        byServer: readOtherWaiters(byServer),
        counted: readOtherWaiters(known),
        bySet: bySet ?? byServer.ahead,
      }
    );
  }

  private onMoved(message: unknown): void {
    try {
      const moved = QueueMoved.parse(message);
      if (moved.showId === this.known.showId) this.receive(moved);
    } catch (error) {
      this.error ??= error;
    }
  }

  private receive(moved: QueueMoved): void {
    if (this.lastVersion !== null && moved.from !== this.lastVersion) this.holes++;
    this.lastVersion = moved.version;
    if (this.asking) this.pendingMessages.push(moved);
    else if (moved.from > this.known.version) this.ask(moved);
    else this.apply(moved);
  }

  /** Applies a message by the rule in the docstring of {@link QueueMoved}. */
  private apply({ version, waiting, lastPlace, left, head }: QueueMoved): void {
    const { known } = this;
    if (version <= known.version) return;
    const place = known.place ?? NaN;
    const leftCount = known.waiting - waiting + lastPlace - known.lastPlace;
    const behind = left.filter((one) => one > place).length;
    const ahead = (known.ahead ?? NaN) - (leftCount - behind);
    this.known = { ...known, version, waiting, lastPlace, ahead };
    for (const one of left) this.left.add(one);
    this.head = head;
  }

  private ask(first: QueueMoved): void {
    this.gaps++;
    this.pendingMessages = [first];
    this.asking = getPlace(this.socket, this.known.showId)
      .then((queue) => {
        if (queue) this.known = queue;
        for (const moved of this.pendingMessages) this.apply(moved);
      })
      .finally(() => {
        this.asking = null;
      });
  }

  /**
   * The number of waiters ahead, computed from the set of places that left. Null if the client may have missed one of
   * them.
   */
  private get bySet(): number | null {
    if (this.gaps > 0 || !this.hasSeenAllLeave) return null;
    const place = this.known.place ?? NaN;
    return place - this.head - [...this.left].filter((one) => one >= this.head && one < place).length;
  }
}
