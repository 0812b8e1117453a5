import { type Queue, QueueMoved } from '@usher/contract';
import { join, getPlace } from './line-service.js';
import type { TestSocket } from './socket.js';

/** What a place in line says of the others. */
interface Others {
  readonly version: number;
  readonly waiting: number;
  readonly lastPlace: number;
  readonly ahead: number | null;
}

/** How many are ahead by the server, by the numbers of its messages, and by the set of those that left. */
export interface LineCount {
  readonly told: Others;
  readonly counted: Others;
  readonly bySet: number | null;
}

const aboutOthers = ({ version, waiting, lastPlace, ahead }: Queue): Others => ({
  version,
  waiting,
  lastPlace,
  ahead,
});

/**
 * Two clients in one that count who is ahead of them, as the contract says they can: one by the numbers of each message
 * alone, one by the set of the places that it heard leave.
 */
export class LineFollower {
  /** How often it missed a message and had to ask. */
  gaps = 0;
  /** How often a message did not begin where the one before it ended. */
  holes = 0;
  private readonly left = new Set<number>();
  private head = 1;
  private asking: Promise<void> | null = null;
  private kept: QueueMoved[] = [];
  private heardVersion: number | null = null;
  private broken: unknown = null;
  /** Whether all who had stood before it were still there. */
  private readonly joinedBehindAll: boolean;

  private constructor(
    private readonly socket: TestSocket,
    private known: Queue,
  ) {
    this.joinedBehindAll = known.place === (known.ahead ?? NaN) + 1;
    socket.io.on('queue:moved', (moved) => {
      try {
        if (moved.showId === known.showId) this.hear(QueueMoved.parse(moved));
      } catch (error) {
        this.broken ??= error;
      }
    });
  }

  /** Joins a show's line and listens from then on. */
  static async join(socket: TestSocket, showId: number, wish: object = { partySize: 1 }): Promise<LineFollower> {
    return new LineFollower(socket, await join(socket, showId, wish));
  }

  /** What it has counted and what the server says now; null: it does not stand in line any longer. */
  async count(): Promise<LineCount | null> {
    const told = await getPlace(this.socket, this.known.showId);
    // What happened before the answer was sent before it, on the same connection.
    await this.asking;
    if (this.broken !== null) throw this.broken;
    const { known, bySet } = this;
    return told && { told: aboutOthers(told), counted: aboutOthers(known), bySet: bySet ?? told.ahead };
  }

  private hear(moved: QueueMoved): void {
    if (this.heardVersion !== null && moved.from !== this.heardVersion) this.holes++;
    this.heardVersion = moved.version;
    if (this.asking) this.kept.push(moved);
    else if (moved.from > this.known.version) this.ask(moved);
    else this.apply(moved);
  }

  /** By the docstring of {@link QueueMoved}. */
  private apply({ version, waiting, lastPlace, left, head }: QueueMoved): void {
    const { known } = this;
    if (version <= known.version) return;
    const place = known.place ?? NaN;
    const gone = known.waiting - waiting + lastPlace - known.lastPlace;
    const behind = left.filter((one) => one > place).length;
    const ahead = (known.ahead ?? NaN) - (gone - behind);
    this.known = { ...known, version, waiting, lastPlace, ahead };
    for (const one of left) this.left.add(one);
    this.head = head;
  }

  private ask(first: QueueMoved): void {
    this.gaps++;
    this.kept = [first];
    this.asking = getPlace(this.socket, this.known.showId)
      .then((queue) => {
        if (queue) this.known = queue;
        for (const moved of this.kept) this.apply(moved);
      })
      .finally(() => {
        this.asking = null;
      });
  }

  /** Who is ahead by the set of those that left; null where not all of them are known. */
  private get bySet(): number | null {
    if (this.gaps > 0 || !this.joinedBehindAll) return null;
    const place = this.known.place ?? NaN;
    return place - this.head - [...this.left].filter((one) => one >= this.head && one < place).length;
  }
}
