import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { testSeed } from '../../../../test/simulation/fixtures/commands.js';
import { digestOfLine } from '../../../../test/simulation/reference/digest.js';
import { ReferenceLine } from '../../../../test/simulation/reference/reference-line.js';
import { Line } from './line.js';
import {
  waiterOfStep,
  type LineStep,
  lineSteps,
  storedOf,
  waiterOf,
} from '../../../../test/simulation/fixtures/line-steps.js';

/** Applies a step to a line and to the reference line. */
function both(line: Line, plain: ReferenceLine, step: LineStep, inLobby: boolean): void {
  const at = 1000 + line.version;
  switch (step.type) {
    case 'join': {
      const waiter = waiterOfStep(step, line.lastTicket + 1, inLobby);
      line.join(waiter);
      plain.join(waiter);
      line.record({ line: 'entry', kind: 'join', lineTicket: waiter.lineTicket }, at);
      plain.record('join', waiter.lineTicket, at);
      break;
    }
    case 'leave': {
      const lineTicket = step.nth + 1;
      if (!line.leave(lineTicket)) return;
      plain.waiting.delete(lineTicket);
      line.record({ line: 'entry', kind: 'leave', lineTicket }, at);
      plain.record('leave', lineTicket, at);
      break;
    }
    case 'shuffle':
      line.shuffle(testSeed);
      plain.shuffle(testSeed);
      line.record({ line: 'entry', kind: 'shuffle', lineTicket: null }, at);
      plain.record('shuffle', null, at);
      break;
  }
}

describe('a line', () => {
  it('equals the reference line after any steps, even if it is read from the tables', () => {
    fc.assert(
      fc.property(lineSteps, fc.boolean(), (steps, hasLobby) => {
        const line = new Line('entry');
        const plain = new ReferenceLine('entry');
        for (const step of steps) {
          const inLobby = hasLobby && line.lobbySize === null;
          if (step.type === 'shuffle' && !inLobby) continue;
          both(line, plain, step, inLobby);
          expect(digestOfLine(line)).toEqual(plain.digest());
          const read = new Line('entry', storedOf(line, plain.lobbyMembers));
          expect(digestOfLine(read)).toEqual(plain.digest());
        }
      }),
    );
  });

  it('continues in exactly the same way after it was read from the tables', () => {
    fc.assert(
      fc.property(lineSteps, lineSteps, fc.boolean(), (before, after, hasLobby) => {
        const plain = new ReferenceLine('entry');
        let line = new Line('entry');
        const follow = (steps: readonly LineStep[]) => {
          for (const step of steps) {
            const inLobby = hasLobby && line.lobbySize === null;
            if (step.type !== 'shuffle' || inLobby) both(line, plain, step, inLobby);
          }
        };
        follow(before);
        line = new Line('entry', storedOf(line, plain.lobbyMembers));
        follow(after);
        expect(digestOfLine(line)).toEqual(plain.digest());
      }),
    );
  });

  it('removes no waiter twice, and no waiter who never joined', () => {
    const line = new Line('seats');
    line.join(waiterOf(1));
    expect(line.leave(2)).toBeNull();
    expect(line.leave(1)?.lineTicket).toBe(1);
    expect(line.leave(1)).toBeNull();
    expect([line.waiting, line.head, line.below(2)]).toEqual([0, 2, 0]);
  });
});

describe('the lobby', () => {
  const lobbyOf = (count: number) => {
    const line = new Line('entry');
    for (let lineTicket = 1; lineTicket <= count; lineTicket++) line.join(waiterOf(lineTicket, { place: null }));
    return line;
  };

  it('has no order before the draw', () => {
    const line = lobbyOf(3);
    expect([...line.inOrder()]).toEqual([]);
    expect([line.head, line.lastPlace, line.below(4)]).toEqual([1, 0, 0]);
  });

  it('is served in the drawn order, and sessions that join later follow in the order of their line tickets', () => {
    const line = lobbyOf(5);
    const drawn = line.shuffle(testSeed).map(({ lineTicket }) => lineTicket);
    line.join(waiterOf(6));
    line.join(waiterOf(7));
    expect(drawn.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
    expect([...line.inOrder()].map(({ lineTicket }) => lineTicket)).toEqual([...drawn, 6, 7]);
    expect([...line.inOrder()].map(({ place }) => place)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('draws places even for members who left, so that leaving changes nobody else’s place', () => {
    const all = lobbyOf(6).shuffle(testSeed);
    const line = lobbyOf(6);
    line.leave(2);
    expect(line.shuffle(testSeed)).toEqual(all.filter(({ lineTicket }) => lineTicket !== 2));
    expect(line.lobbySize).toBe(6);
  });

  it('is drawn even if nobody came', () => {
    const line = new Line('entry');
    expect(line.shuffle(testSeed)).toEqual([]);
    expect(line.lobbySize).toBe(0);
    line.join(waiterOf(1));
    expect([...line.inOrder()].map(({ lineTicket }) => lineTicket)).toEqual([1]);
  });
});
