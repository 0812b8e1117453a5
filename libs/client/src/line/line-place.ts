import type { Chance, Queue, QueueMoved, SecondsRange } from '@usher/contract';

/** Messages kept until the one before them, or the place they are about, is known. */
const KEPT_MAX = 32;
/** Leavers behind us that are remembered, so that a message which tells of them again does not count them twice. */
const LEFT_MAX = 10_000;

/**
 * This session's place in a line, kept exact by counting what the line's broadcasts tell (see {@link QueueMoved}).
 *
 * Broadcasts may come twice, in another order, or reach further back than what is known, as several nodes send them.
 * Where they do not decide how many are ahead, {@link isInDoubt} says that the server has to be asked.
 */
export class QueuePlace {
  /** As of its `version`; null: in no line. The same reference until it changes. */
  queue: Queue | null = null;

  private kept: QueueMoved[] = [];
  private readonly leftBehind = new Set<number>();
  /** What the server last said itself; broadcasts that reach back behind it tell of leavers it may have counted. */
  private told = { version: 0, lastPlace: 0 };
  private isUncertain = false;

  /** Whether what is known may be wrong, or out of date, until {@link take} brings the server's word. */
  get isInDoubt(): boolean {
    return this.queue !== null && (this.isUncertain || this.kept.length > 0);
  }

  /**
   * Takes the server's word.
   *
   * @param isNewest true when it counts even where it is older than what is known, as after a new connection
   */
  take(queue: Queue | null, isNewest = false): void {
    const known = this.queue;
    const isSameTicket = known !== null && queue?.line === known.line && queue.ticket === known.ticket;
    if (isSameTicket && queue.version < known.version && !isNewest) return;
    if (!isSameTicket) this.leftBehind.clear();
    this.isUncertain = false;
    this.queue = queue;
    if (queue === null) {
      this.kept = [];
      return;
    }
    this.told = { version: queue.version, lastPlace: queue.lastPlace };
    this.applyKept();
  }

  /** Takes a broadcast. One that comes before the answer to the request that put us in line is kept for it. */
  moved(message: QueueMoved): void {
    this.kept.push(message);
    this.applyKept();
    if (this.kept.length > KEPT_MAX) this.kept.shift();
  }

  private applyKept(): void {
    if (this.queue === null) return;
    for (const message of this.kept.toSorted((a, b) => a.from - b.from || a.version - b.version)) {
      if (message.line !== this.queue.line || message.version <= this.queue.version) this.forget(message);
      else if (message.from <= this.queue.version) {
        this.forget(message);
        this.queue = this.after(this.queue, message);
      }
    }
  }

  private forget(message: QueueMoved): void {
    this.kept = this.kept.filter((other) => other !== message);
  }

  private after(before: Queue, message: QueueMoved): Queue {
    const { version, waiting, lastPlace, reach, etaSecondsPerPlace } = message;
    const after = { ...before, version, waiting, lastPlace };
    if (before.place === null || before.ahead === null) return after;
    const ahead = this.count(before, before.place, before.ahead, message);
    return { ...after, ahead, etaSeconds: etaOf(ahead, etaSecondsPerPlace), chance: chanceOf(ahead, reach) };
  }

  /** How many are ahead after a message. */
  private count(before: Queue, place: number, ahead: number, message: QueueMoved): number {
    const { left, head, waiting, lastPlace } = message;
    // Gone ourselves: an offer, an admission or an end is on its way, or this session left by another door.
    if (head > place || left.includes(place)) this.isUncertain = true;
    const gone = before.waiting - waiting + lastPlace - before.lastPlace;
    const behind = left.filter((one) => one > place && !this.leftBehind.has(one));
    for (const one of behind) this.leftBehind.add(one);
    this.forgetOldLeavers();
    if (head >= place) return 0;
    // Those who stood in line when the server last spoke may have left before it did, and are counted already.
    const mayBeCounted = message.from < this.told.version ? this.told.lastPlace : 0;
    const surely = behind.filter((one) => one > mayBeCounted).length;
    const least = Math.max(0, gone - behind.length);
    const most = Math.min(ahead, gone - surely);
    if (least !== most) this.isUncertain = true;
    return Math.max(0, ahead - least);
  }

  private forgetOldLeavers(): void {
    for (const one of this.leftBehind) {
      if (this.leftBehind.size <= LEFT_MAX) return;
      this.leftBehind.delete(one);
    }
  }
}

/**
 * How long a place may take, as the line's pace has it; whole seconds. At least until those ahead are served; at most two
 * places more, our own and one for the gap that is running.
 */
function etaOf(ahead: number, perPlace: SecondsRange | null): Queue['etaSeconds'] {
  if (perPlace === null) return null;
  return { from: Math.floor(ahead * perPlace.from), to: Math.ceil((ahead + 2) * perPlace.to) };
}

/** What the line's reach says of a place. */
function chanceOf(ahead: number, reach: QueueMoved['reach']): Chance {
  if (ahead < reach.likely) return 'likely';
  return ahead < reach.unlikely ? 'unlikely' : 'none';
}
