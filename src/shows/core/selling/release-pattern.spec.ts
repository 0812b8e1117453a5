import { expect, it } from '@jest/globals';
import {
  book,
  bookingOf,
  commitBatch,
  emptyState,
  enter,
  joinLine,
  reserve,
  sentFrom,
} from '../../../../test/simulation/fixtures/commands.js';
import { smallShow, startAt } from '../../../../test/simulation/fixtures/small-show.js';
import type { Command, ReleasePatternCommand } from '../commands/command.js';

const audit = { actor: { kind: 'key', id: '1', name: 'staff' }, address: '192.0.2.1' } as const;

const pattern = (other: Partial<ReleasePatternCommand>): ReleasePatternCommand => ({
  type: 'releasePattern',
  sources: [],
  sessionIds: [],
  reason: 'a farm',
  by: null,
  audit,
  ...other,
});

const hold = (name: string) => reserve({ best: { count: 2 } }, { bookingId: `b ${name}`, sessionId: name });

function openShow() {
  const waitingRoom = { mode: 'auto', maxShoppers: 4, admitPerMinute: null, shopMs: 600_000 } as const;
  const terms = smallShow({ waitingRoom });
  const state = emptyState(terms);
  const decide = (...commands: Command[]) => commitBatch(state, terms, commands, startAt);
  const put = (command: Command) => decide(command).outcomes[0]!;
  return { state, decide, put };
}

it('a pattern loses its unpaid seats, waits and stays in one batch, and others keep theirs', () => {
  const { state, decide, put } = openShow();
  for (const name of ['bot 1', 'bot 2']) put(sentFrom('farm', hold(name)));
  put(hold('named bot'));
  put(sentFrom('home', hold('ann')));
  put(sentFrom('farm', enter('bot 3')));
  expect(state.lines.entry.waiting).toBe(1);
  const { outcomes, audit: records } = decide(pattern({ sources: ['farm'], sessionIds: ['named bot'] }));
  // The place of the line that "bot 3" had, and the stays of the three bots that held seats.
  expect(outcomes).toEqual([{ type: 'released', seats: 6, places: 4, isComplete: true }]);
  expect([...state.sources.entries()]).toEqual([['home', 2, 1, 0]]);
  expect(state.counts.held).toBe(2);
  expect(records).toMatchObject([
    {
      action: 'risk.release',
      subject: { kind: 'show', id: '1' },
      before: null,
      after: { reason: 'a farm', sources: ['farm'], sessions: 1, seats: 6, places: 4 },
    },
  ]);
});

it('keeps seats that are paid or whose payment is running', () => {
  const { state, put } = openShow();
  const paid = bookingOf(put(sentFrom('farm', hold('paid'))));
  put(book(paid));
  put(sentFrom('farm', hold('paying')));
  put({ type: 'pay', bookingId: 'b paying', payment: { paymentId: 'p', provider: 'sandbox' } });
  expect(put(pattern({ sources: ['farm'] }))).toMatchObject({ seats: 0, isComplete: true });
  expect(state.counts).toMatchObject({ held: 2, sold: 2 });
});

it('ends a limited number of places, and the repeated command ends the rest', () => {
  const terms = smallShow();
  const state = emptyState(terms);
  const put = (command: Command) => commitBatch(state, terms, [command], startAt).outcomes[0]!;
  const full = Array.from({ length: 17 }, (_, seat) => seat);
  for (const seats of [full.slice(0, 10), full.slice(10)]) {
    put(reserve({ seats, onConflict: 'refuse' }, { bookingId: `full ${seats[0]}`, sessionId: `full ${seats[0]}` }));
  }
  const bots = Array.from({ length: 2005 }, (_, nth) => sentFrom('farm', joinLine(`bot ${nth}`)));
  commitBatch(state, terms, bots, startAt);
  expect(put(pattern({ sources: ['farm'] }))).toEqual({ type: 'released', seats: 0, places: 2000, isComplete: false });
  expect(put(pattern({ sources: ['farm'] }))).toEqual({ type: 'released', seats: 0, places: 5, isComplete: true });
  expect(state.lines.seats.waiting).toBe(0);
});
