import { expect, it } from '@jest/globals';
import type { Queue, QueueMoved } from '@usher/contract';
import fc from 'fast-check';
import { QueuePlace } from './line-place.js';

const ours = 4;
const reach = { likely: 3, unlikely: 6 };

/** A line as simple as can be: the places that wait, and who left at which version. */
class ModelLine {
  version = 0;
  lastPlace = 0;
  readonly waiting = new Set<number>();
  private readonly departures: { version: number; place: number }[] = [];
  private told = 0;

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
    return [...this.waiting].filter((place) => place < ours).length;
  }

  /** @param back how many versions before the last broadcast it begins, as another node's does */
  broadcast(back: number): QueueMoved {
    const from = Math.max(0, this.told - back);
    this.told = this.version;
    const { version, head, lastPlace } = this;
    const left = this.departures.filter((one) => one.version > from && one.place >= head).map(({ place }) => place);
    const common = { showId: 1, line: 'seats', etaSecondsPerPlace: { from: 1, to: 2 }, reach } as const;
    return { ...common, from, version, head, left, waiting: this.waiting.size, lastPlace };
  }

  queue(): Queue | null {
    if (!this.waiting.has(ours)) return null;
    const at = '2026-11-23T18:30:00.000Z';
    return {
      showId: 1,
      line: 'seats',
      ticket: ours,
      place: ours,
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
      fate: fc.constantFrom('heard', 'heard', 'heard', 'twice', 'lost', 'late'),
      back: fc.constantFrom(0, 0, 1, 4),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Runs the steps; `check` is called whenever the client should know the line exactly, without having to ask. */
function run(steps: readonly Step[], start: number, check: (place: QueuePlace, line: ModelLine) => void): number {
  const line = new ModelLine();
  const place = new QueuePlace();
  let late: QueueMoved[] = [];
  let asked = 0;
  for (let n = 0; n < ours + start; n++) line.join();
  place.take(line.queue());
  for (const one of steps) {
    if (one.do === 'join') line.join();
    else if (one.do === 'leave') line.leave([...line.waiting][one.nth % Math.max(1, line.waiting.size)] ?? 0);
    else if (one.do === 'serve') line.leave(line.head);
    else if (one.do === 'reconnect') place.take(line.queue(), true);
    else {
      const message = line.broadcast(one.back);
      if (one.fate === 'late') late.push(message);
      if (one.fate === 'late' || one.fate === 'lost') continue;
      for (const early of [message, ...(one.fate === 'twice' ? [message] : []), ...late]) place.moved(early);
      late = [];
      if (place.isInDoubt) {
        asked++;
        place.take(line.queue());
      }
      check(place, line);
    }
  }
  return asked;
}

it('is exactly the line’s after every tick, whatever was lost, late, doubled, and wherever the connection broke', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.nat(6), (steps, start) => {
      run(steps, start, (place, line) => {
        expect(place.isInDoubt).toBe(false);
        expect(place.queue?.ahead).toBe(line.waiting.has(ours) ? line.ahead : undefined);
        expect(place.queue?.waiting).toBe(line.queue()?.waiting);
      });
    }),
    { numRuns: 2_000 },
  );
});

it('asks nothing of the server while no broadcast is lost and we stand in line', () => {
  const heard = step.filter(
    (one) => one.do !== 'reconnect' && (one.do !== 'tick' || (one.fate === 'heard' && one.back === 0)),
  );
  fc.assert(
    fc.property(fc.array(heard, { maxLength: 80 }), fc.nat(6), (steps, start) => {
      let isServed = false;
      const asked = run(steps, start, (_, line) => (isServed ||= !line.waiting.has(ours)));
      fc.pre(!isServed);
      // The first broadcast may reach back behind the answer that put us in line; none after it can.
      expect(asked).toBeLessThanOrEqual(1);
    }),
    { numRuns: 1_000 },
  );
});
