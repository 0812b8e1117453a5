import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { testSeed } from '../../../../test/simulation/fixtures/commands.js';
import { testRuns } from '../../../../test/support/plain/test-runs.js';
import { Line } from './line.js';
import { LineDraft } from './line-draft.js';
import { waiterOfStep, type LineStep, lineSteps } from '../../../../test/simulation/fixtures/line-steps.js';
import type { Waiter } from '../model/waiter.js';

/** Applies a step to a line and records it. */
function step(line: Line, one: LineStep, inLobby: boolean): void {
  const lineTicket = one.type === 'leave' ? one.nth + 1 : line.lastTicket + 1;
  if (one.type === 'join') line.join(waiterOfStep(one, lineTicket, inLobby));
  else if (one.type === 'leave') {
    if (!line.leave(lineTicket)) return;
  } else line.shuffle(testSeed);
  line.record({ line: 'entry', kind: 'join', lineTicket }, 1000);
}

const isInLobby = ({ lobbySize }: Line, hasLobby: boolean) => hasLobby && lobbySize === null;

const tickets = (waiters: Iterable<Waiter>): number[] => [...waiters].map(({ lineTicket }) => lineTicket);

/** Everything that a draft must report correctly about its line. */
const factsOf = (draft: LineDraft, now: number, committed: number) => ({
  waiting: draft.waiting,
  lastTicket: draft.lastTicket,
  version: draft.version,
  order: tickets(draft.inOrder()),
  everybody: tickets(draft.firstWaiters(Infinity)).toSorted((a, b) => a - b),
  // A batch reads the due waiters before it adds new waiters, so waiters who joined in the batch are left out here.
  due: tickets(draft.dueBy(now, Infinity)).filter((lineTicket) => lineTicket <= committed),
  moments: draft.firstWaiters(Infinity).map((waiter) => [waiter.lineTicket, draft.momentOf(waiter)]),
  requests: draft
    .parties()
    .map(
      ({ request: { partySize, tiers }, waiters }) =>
        [partySize, tiers, tickets({ [Symbol.iterator]: () => waiters })] as const,
    )
    .filter(([, , those]) => those.length > 0)
    .toSorted(([, , a], [, , b]) => (a[0] ?? 0) - (b[0] ?? 0)),
});

it('reports the same facts in the middle of a batch as the line reports after the commit', () => {
  const now = fc.constantFrom(1000, 1500, 6000, 61_000);
  fc.assert(
    fc.property(lineSteps, lineSteps, fc.boolean(), now, (before, batch, hasLobby, at) => {
      const [line, after] = [new Line('entry'), new Line('entry')];
      for (const one of before) {
        const inLobby = isInLobby(line, hasLobby);
        if (one.type === 'shuffle' && !inLobby) continue;
        for (const each of [line, after]) step(each, one, inLobby);
      }
      const draft = new LineDraft(line);
      const committed = line.lastTicket;
      for (const one of batch) {
        // A batch draws the lobby before its other changes, so a draw between them does not occur. The simulation tests
        // draws.
        if (one.type === 'shuffle') continue;
        const inLobby = isInLobby(line, hasLobby);
        if (one.type === 'join') draft.join(waiterOfStep(one, draft.lastTicket + 1, inLobby));
        if (one.type === 'join' || draft.leave(one.nth + 1)) draft.record();
        step(after, one, inLobby);
        expect(factsOf(draft, at, committed)).toEqual(factsOf(new LineDraft(after), at, committed));
      }
      // The draft must not have changed the line.
      expect(line.lastTicket).toBe(committed);
    }),
    { numRuns: testRuns({ short: 100, long: 1000 }) },
  );
});

it('counts the waiters ahead of the last line ticket by place, because the draw can give that ticket any place', () => {
  const line = new Line('entry');
  for (let at = 1; at <= 12; at++) step(line, { type: 'join', partySize: 1, tiers: null, waitMs: 1 }, true);
  step(line, { type: 'shuffle' }, true);
  const draft = new LineDraft(line);
  const aheads = [...draft.inOrder()].map((waiter) => draft.momentOf(waiter).ahead);
  expect(aheads).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

it('skips waiters who leave during the iteration', () => {
  const line = new Line('entry');
  for (let at = 1; at <= 4; at++) step(line, { type: 'join', partySize: 1, tiers: null, waitMs: 1 }, false);
  const draft = new LineDraft(line);
  const met: number[] = [];
  for (const { lineTicket } of draft.inOrder()) {
    met.push(lineTicket);
    draft.leave(lineTicket);
    draft.leave(lineTicket + 1);
  }
  expect(met).toEqual([1, 3]);
});

it('returns at most as many waiters as asked for', () => {
  const line = new Line('entry');
  for (let at = 1; at <= 5; at++) step(line, { type: 'join', partySize: 1, tiers: null, waitMs: 500 }, false);
  const draft = new LineDraft(line);
  draft.leave(2);
  expect(tickets(draft.firstWaiters(3))).toEqual([1, 3, 4]);
  expect(draft.dueBy(1499, 3)).toEqual([]);
  expect(tickets(draft.dueBy(1500, 3))).toEqual([1, 3, 4]);
  expect(tickets(draft.dueBy(1500, 9))).toEqual([1, 3, 4, 5]);
});
