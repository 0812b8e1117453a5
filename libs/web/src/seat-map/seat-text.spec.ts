import { expect, it } from '@jest/globals';
import { SeatStatus } from '@usher/contract';
import { buildHallMap } from './hall-map.js';
import { layoutOf, plan } from './sample-hall.spec-support.js';
import { decodeLook, describeSeat, encodeRowLooks, listSeatLabels } from './seat-text.js';

const none: ReadonlySet<number> = new Set();
const { free, held, sold, blocked } = SeatStatus;

it('describes a seat by its place, tier, price and status', () => {
  const map = buildHallMap(plan('##'));
  const price = { amount: 1250, currency: 'EUR' };
  expect(describeSeat(map, map.seats[1]!, 'held', price)).toBe('Row A seat 2, standard, €12.50, held by someone');
});

it('names the section if the hall has several', () => {
  const map = buildHallMap(
    layoutOf([
      { section: 'Stalls', row: 'D', x: 1, y: 2 },
      { section: 'Circle', row: 'D', x: 1, y: 9 },
    ]),
  );
  expect(describeSeat(map, map.seats[1]!, 'free', undefined)).toBe('Circle, row D seat 1, standard, free');
});

it('lists seats as a phrase', () => {
  const map = buildHallMap(plan('###'));
  expect([
    listSeatLabels(map, []),
    listSeatLabels(map, [0]),
    listSeatLabels(map, [0, 1]),
    listSeatLabels(map, [0, 1, 2]),
  ]).toEqual(['no seats', 'seat A1', 'seats A1 and A2', 'seats A1, A2 and A3']);
});

it('distinguishes the buyer’s hold from other holds, and shows the seats of a pending reservation as chosen', () => {
  const map = buildHallMap(plan('######', '##'));
  const looks = encodeRowLooks(map, {
    statuses: Uint8Array.of(free, held, held, held, sold, blocked, free, free),
    heldSeats: new Set([2, 7]),
    boughtSeats: none,
    chosenSeats: new Set([0, 3]),
    offeredSeats: new Set([6]),
  });
  expect(looks.map((row) => row.split('').map(decodeLook))).toEqual([
    ['chosen', 'held', 'mine', 'chosen', 'sold', 'blocked'],
    ['offered', 'mine'],
  ]);
});

it('distinguishes seats that the buyer has bought from other sold seats', () => {
  const map = buildHallMap(plan('##'));
  const sources = {
    statuses: Uint8Array.of(sold, sold),
    heldSeats: new Set([0]),
    chosenSeats: none,
    offeredSeats: none,
  };
  expect(encodeRowLooks(map, { ...sources, boughtSeats: new Set([1]) })).toEqual(['sm']);
});

it('never shows a sold seat as chosen or offered', () => {
  const map = buildHallMap(plan('#'));
  const statuses = Uint8Array.of(sold);
  const looks = encodeRowLooks(map, {
    statuses,
    heldSeats: none,
    boughtSeats: none,
    chosenSeats: new Set([0]),
    offeredSeats: new Set([0]),
  });
  expect(looks).toEqual(['s']);
});
