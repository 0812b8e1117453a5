import { expect, it } from '@jest/globals';
import type { Queue, QueueMoved } from '@usher/contract';
import fc from 'fast-check';
import { testRuns } from '../../../../test/support/plain/test-runs.js';
import { LinePlace } from './line-place.js';

/** The place of the session under test. */
const ownPlace = 4;
const reach = { likely: 3, unlikely: 6 };

/** A simple model of a line: the places that wait, and for each place that has left, the version at which it left. */
class ModelLine {
  version = 0;
  lastPlace = 0;
  readonly waiting = new Set<number>();
  private readonly departures: { version: number; place: number }[] = [];
  private broadcastVersion = 0;

  join(): void {
    this.version++;
    this.waiting.add(++this.lastPlace);
  }

  leave(place: number): void {
    if (!this.waiting.delete(place)) return;
    this.departures.push({ version: ++this.version, place });
  }

  get head(): number {
    return Math.min(...this.waiting, this.lastPlace + 1);
  }

  get ahead(): number {
    return [...this.waiting].filter((place) => place < ownPlace).length;
  }

  /**
   * @param overlap number of versions that an earlier broadcast has covered and this one covers again, as a broadcast
   *   from another node would
   */
  broadcast(overlap: number): QueueMoved {
    const from = Math.max(0, this.broadcastVersion - overlap);
    this.broadcastVersion = this.version;
    const { version, head, lastPlace } = this;
    const left = this.departures.filter((one) => one.version > from && one.place >= head).map(({ place }) => place);
    const common = { showId: 1, line: 'seats', etaSecondsPerPlace: { from: 1, to: 2 }, reach } as const;
    return { ...common, from, version, head, left, waiting: this.waiting.size, lastPlace };
  }

  queue(): Queue | null {
    if (!this.waiting.has(ownPlace)) return null;
    const at = '2026-11-23T18:30:00.000Z';
    return {
      showId: 1,
      line: 'seats',
      ticket: ownPlace,
      place: ownPlace,
      ahead: this.ahead,
      partySize: 1,
      etaSeconds: null,
      chance: 'likely',
      joinedAt: at,
      expiresAt: at,
      version: this.version,
      receipt: 'r',
      waiting: this.waiting.size,
      lastPlace: this.lastPlace,
    };
  }
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: 'join' } as const) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('leave' as const), nth: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'serve' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'reconnect' } as const) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('tick' as const),
      fate: fc.constantFrom('received', 'received', 'received', 'repeated', 'lost', 'late'),
      overlap: fc.constantFrom(0, 0, 1, 4),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/**
 * Runs the steps. Calls `check` whenever the client should know the line exactly. Returns how often the client asked the
 * server.
 */
function run(steps: readonly Step[], start: number, check: (place: LinePlace, line: ModelLine) => void): number {
  const line = new ModelLine();
  const place = new LinePlace();
  let late: QueueMoved[] = [];
  let asked = 0;
  for (let n = 0; n < ownPlace + start; n++) line.join();
  place.applyAnswer(line.queue());
  for (const one of steps) {
    if (one.do === 'join') line.join();
    else if (one.do === 'leave') line.leave([...line.waiting][one.nth % Math.max(1, line.waiting.size)] ?? 0);
    else if (one.do === 'serve') line.leave(line.head);
    else if (one.do === 'reconnect') place.applyAnswer(line.queue(), true);
    else {
      const message = line.broadcast(one.overlap);
      if (one.fate === 'late') late.push(message);
      if (one.fate === 'late' || one.fate === 'lost') continue;
      for (const early of [message, ...(one.fate === 'repeated' ? [message] : []), ...late])
        place.applyBroadcast(early);
      late = [];
      if (place.isInDoubt) {
        asked++;
        place.applyAnswer(line.queue());
      }
      check(place, line);
    }
  }
  return asked;
}

it('is exact after every tick, even if the connection breaks or broadcasts are lost, late or repeated', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.nat(6), (steps, start) => {
      run(steps, start, (place, line) => {
        expect(place.isInDoubt).toBe(false);
        expect(place.queue?.ahead).toBe(line.waiting.has(ownPlace) ? line.ahead : undefined);
        expect(place.queue?.waiting).toBe(line.queue()?.waiting);
      });
    }),
    { numRuns: testRuns({ short: 1000, long: 10_000 }) },
  );
});

it('needs at most one request to the server while the session is in line and no broadcast is lost', () => {
  const lossless = step.filter(
    (one) => one.do !== 'reconnect' && (one.do !== 'tick' || (one.fate === 'received' && one.overlap === 0)),
  );
  fc.assert(
    fc.property(fc.array(lossless, { maxLength: 80 }), fc.nat(6), (steps, start) => {
      let isServed = false;
      const asked = run(steps, start, (_, line) => (isServed ||= !line.waiting.has(ownPlace)));
      fc.pre(!isServed);
      // Only the first broadcast may cover versions from before the answer to the join.
      expect(asked).toBeLessThanOrEqual(1);
    }),
    { numRuns: testRuns({ short: 500, long: 5000 }) },
  );
});
