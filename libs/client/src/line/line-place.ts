import type { Chance, Queue, QueueMoved, SecondsRange } from '@usher/contract';

/** Maximum number of broadcasts that are kept until an earlier broadcast or the session's place arrives. */
const maxPendingBroadcasts = 32;
/**
 * Maximum number of departures behind this session that are remembered, because a later broadcast may list them again.
 */
const maxRememberedLeavers = 10_000;

/**
 * This session's place in a line. It is kept exact by counting the changes in the line's broadcasts, see
 * {@link QueueMoved}.
 *
 * Several nodes send broadcasts. So a broadcast may arrive twice, arrive out of order, or cover versions that are
 * already known. If the broadcasts do not determine how many sessions are ahead, {@link isInDoubt} is true, and the
 * client must ask the server.
 */
export class LinePlace {
  /** The place as of its `version`, or null if the session is in no line. It is the same object until it changes. */
  queue: Queue | null = null;

  private pending: QueueMoved[] = [];
  /** The places behind this session that have left. */
  private readonly leftBehind = new Set<number>();
  /**
   * The server's last answer. A broadcast that starts before this version may list departures that the answer already
   * counted.
   */
  private lastAnswer = { version: 0, lastPlace: 0 };
  private isUncertain = false;

  /** Whether {@link queue} may be wrong or out of date, so that the client must ask the server. */
  get isInDoubt(): boolean {
    return this.queue !== null && (this.isUncertain || this.pending.length > 0);
  }

  /**
   * Applies a place from the server's answer.
   *
   * @param isAuthoritative true if the answer replaces the known place even if that place has a higher version, for
   *   example after a reconnect
   */
  applyAnswer(queue: Queue | null, isAuthoritative = false): void {
    const known = this.queue;
    const isSameLineTicket = known !== null && queue?.line === known.line && queue.ticket === known.ticket;
    if (isSameLineTicket && queue.version < known.version && !isAuthoritative) return;
    if (!isSameLineTicket) this.leftBehind.clear();
    this.isUncertain = false;
    this.queue = queue;
    if (queue === null) {
      this.pending = [];
      return;
    }
    this.lastAnswer = { version: queue.version, lastPlace: queue.lastPlace };
    this.applyPending();
  }

  /** Applies a broadcast. A broadcast that comes before the answer to `queue:join` waits for that answer. */
  applyBroadcast(message: QueueMoved): void {
    this.pending.push(message);
    this.applyPending();
    if (this.pending.length > maxPendingBroadcasts) this.pending.shift();
  }

  private applyPending(): void {
    if (this.queue === null) return;
    for (const message of this.pending.toSorted((a, b) => a.from - b.from || a.version - b.version)) {
      if (message.line !== this.queue.line || message.version <= this.queue.version) this.removePending(message);
      else if (message.from <= this.queue.version) {
        this.removePending(message);
        this.queue = this.queueAfter(this.queue, message);
      }
    }
  }

  private removePending(message: QueueMoved): void {
    this.pending = this.pending.filter((other) => other !== message);
  }

  private queueAfter(before: Queue, message: QueueMoved): Queue {
    const { version, waiting, lastPlace, reach, etaSecondsPerPlace } = message;
    const after = { ...before, version, waiting, lastPlace };
    if (before.place === null || before.ahead === null) return after;
    const ahead = this.countAhead(before, before.place, before.ahead, message);
    return {
      ...after,
      ahead,
      etaSeconds: estimateEtaSeconds(ahead, etaSecondsPerPlace),
      chance: chanceOf(ahead, reach),
    };
  }

  /** Returns how many sessions are ahead after a broadcast. */
  private countAhead(before: Queue, place: number, ahead: number, message: QueueMoved): number {
    const { left, head, waiting, lastPlace } = message;
    // This session has left the line. Either the message about its offer, its admission or the end of its wait is still
    // on its way to the client, or the session left by another socket.
    if (head > place || left.includes(place)) this.isUncertain = true;
    const leftCount = before.waiting - waiting + lastPlace - before.lastPlace;
    const leftBehind = left.filter((other) => other > place && !this.leftBehind.has(other));
    for (const other of leftBehind) this.leftBehind.add(other);
    this.forgetOldLeavers();
    if (head >= place) return 0;
    // All places up to `lastAnswer.lastPlace` existed when the server wrote its last answer. If one of them left before
    // that moment, `before.waiting` already excludes it.
    const lastPossiblyCounted = message.from < this.lastAnswer.version ? this.lastAnswer.lastPlace : 0;
    const certainlyLeftBehind = leftBehind.filter((other) => other > lastPossiblyCounted).length;
    const minLeftAhead = Math.max(0, leftCount - leftBehind.length);
    const maxLeftAhead = Math.min(ahead, leftCount - certainlyLeftBehind);
    if (minLeftAhead !== maxLeftAhead) this.isUncertain = true;
    return Math.max(0, ahead - minLeftAhead);
  }

  private forgetOldLeavers(): void {
    for (const place of this.leftBehind) {
      if (this.leftBehind.size <= maxRememberedLeavers) return;
      this.leftBehind.delete(place);
    }
  }
}

/**
 * Returns the estimated wait in whole seconds. The lower end is the time to serve the sessions ahead. The upper end adds
 * two places: this session's own place, and the place that is being served now.
 */
function estimateEtaSeconds(ahead: number, perPlace: SecondsRange | null): Queue['etaSeconds'] {
  if (perPlace === null) return null;
  return { from: Math.floor(ahead * perPlace.from), to: Math.ceil((ahead + 2) * perPlace.to) };
}

/** Returns the chance of being served. `reach` has the number of places up to which each chance applies. */
function chanceOf(ahead: number, reach: QueueMoved['reach']): Chance {
  if (ahead < reach.likely) return 'likely';
  return ahead < reach.unlikely ? 'unlikely' : 'none';
}
