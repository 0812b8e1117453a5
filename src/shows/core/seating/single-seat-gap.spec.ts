import { describe, expect, it } from '@jest/globals';
import { drawn } from './hall.fixture.js';
import { choiceWithoutGap, hallPlan, leavesSingleSeat, seatsLike } from './index.js';

function at(lines: string[], labels: string) {
  const { hall, statuses, label } = drawn(...lines);
  const seats = labels.split(' ').map((name) => hall.seats.findIndex((seat) => seat.label === name));
  return { plan: hallPlan(hall), statuses, seats, label };
}

const leaves = (lines: string[], labels: string) => {
  const { plan, statuses, seats } = at(lines, labels);
  return leavesSingleSeat(plan, statuses, seats);
};
const without = (lines: string[], labels: string) => {
  const { plan, statuses, seats, label } = at(lines, labels);
  return label(choiceWithoutGap(plan, statuses, seats));
};
const like = (lines: string[], labels: string, avoidGaps = true) => {
  const { plan, statuses, seats, label } = at(lines, labels);
  return label(seatsLike(plan, statuses, seats, { avoidGaps }));
};

describe('leavesSingleSeat', () => {
  it('finds an isolated seat at the end of a row, at an aisle, beside a taken seat and between chosen seats', () => {
    expect(leaves(['.....'], 'A2 A3')).toBe(true);
    expect(leaves(['...  ..'], 'A1 A2')).toBe(true);
    expect(leaves(['...x.'], 'A1 A2')).toBe(true);
    expect(leaves(['.....'], 'A2 A4')).toBe(true);
  });

  it('accepts a choice that leaves no isolated seat', () => {
    expect(leaves(['....'], 'A1 A2')).toBe(false);
    expect(leaves(['..  ...'], 'A1 A2')).toBe(false);
    expect(leaves(['..', '.x'], 'A1 A2')).toBe(false);
  });

  it('ignores a seat that was isolated before the choice', () => {
    expect(leaves(['..x.x'], 'A1 A2')).toBe(false);
    expect(leaves(['.xxx'], 'A2 A3')).toBe(false);
  });

  it('exempts buyers of one seat, isolated wheelchair places, and choices with a wheelchair place', () => {
    expect(leaves(['...'], 'A2')).toBe(false);
    expect(leaves(['..w'], 'A1 A2')).toBe(false);
    expect(leaves(['wcc'], 'A1 A2')).toBe(false);
  });
});

describe('choiceWithoutGap', () => {
  it('moves a choice by one seat to close the gap', () => {
    expect(without(['......'], 'A2 A3')).toBe('A3 A4');
  });

  it('joins the two parts of a choice if only one seat separates them and this is possible', () => {
    expect(without(['..........'], 'A4 A5 A7')).toBe('A4 A5 A6');
    expect(without(['..........'], 'A2 A4')).toBe('A3 A4');
    expect(without(['....', 'x......x'], 'A1 A3')).toBe('A1 A2');
  });

  it('keeps the tier, and replaces ordinary seats only by ordinary seats', () => {
    expect(without(['A|...', 'B|....', 'A|x..x'], 'A2 A3')).toBe('C2 C3');
    expect(without(['...', 'xccx', 'ww'], 'A2 A3')).toBe('none');
  });

  it('finds nothing if every choice leaves a gap, so that the original choice must be allowed', () => {
    expect(without(['...'], 'A1 A2')).toBe('none');
    expect(without(['...', '.x.'], 'A1 A2')).toBe('none');
  });

  it('moves only the group that leaves a gap', () => {
    expect(without(['....', 'x......'], 'A1 A2 B3 B4')).toBe('A1 A2 B4 B5');
  });
});

describe('seatsLike', () => {
  it('finds the nearest pair that is like the taken pair', () => {
    expect(like(['......', 'x.xx..'], 'B1 B2')).toBe('A1 A2');
    expect(like(['.xxx..', '.xxxx.'], 'A2 A3')).toBe('A5 A6');
  });

  it('keeps the tier and the kind', () => {
    expect(like(['A|xx', 'B|..', 'A|..'], 'A1 A2')).toBe('C1 C2');
    expect(like(['xx', 'wc', 'vv'], 'A1 A2')).toBe('none');
    expect(like(['wc  ..', 'wc'], 'A1 A2')).toBe('A1 A2');
  });

  it('finds no pair if the free seats are not together', () => {
    expect(like(['xx.x.'], 'A1 A2')).toBe('none');
  });

  it('leaves no isolated seat if the rule is on and other similar seats make this possible', () => {
    const lines = ['xxxx', 'xxx...xx', 'xxxx..xx'];
    expect(like(lines, 'B2 B3')).toBe('C5 C6');
    expect(like(lines, 'B2 B3', false)).toBe('B4 B5');
  });

  it('moves only the taken group of a choice with several groups', () => {
    expect(like(['..xx..', '..xxxx'], 'A3 A4 B1 B2')).toBe('A1 A2 B1 B2');
  });

  it('keeps a party in one row if its seats were in one row across an aisle', () => {
    expect(like(['.x  ..', '..  ..'], 'A2 A3')).toMatch(/^(A3 A4|B2 B3)$/);
  });
});
