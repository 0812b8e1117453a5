import { expect, it } from '@jest/globals';
import { errorSchema } from '@usher/contract';
import { smallShow, startAt } from '../../../../test/simulation/fixtures/small-show.js';
import { holdLimit, keyReused, neverPossible, saleClosed, seatsTaken, showFull, singleSeatGap } from './refusals.js';

const terms = smallShow();

it.each([
  neverPossible(terms, { seats: [], onConflict: 'refuse' }),
  neverPossible(terms, { best: { count: 1, tier: 'box' } }),
  saleClosed(terms, false, terms.saleClosesAt),
  holdLimit(terms, 9, 2),
  seatsTaken(terms, [0, 6], null),
  showFull(0),
  singleSeatGap([0, 1]),
  keyReused(),
])('matches the schema of its error code: $code', (error) => {
  expect(errorSchema(error!.code).parse(error)).toEqual(error);
});

it.each([
  [seatsTaken(terms, [0, 6], null), 'A1, B1 are taken. Nothing was held.'],
  [showFull(0), 'No such seat is free.'],
  [showFull(3), 'Only 3 such seats are free.'],
  [saleClosed({ ...terms, saleOpensAt: startAt }, false, startAt - 1), 'The sale of this show has not opened.'],
  [saleClosed(terms, false, terms.saleClosesAt), 'The sale of this show is over.'],
  [saleClosed({ ...terms, calledOff: true }, false, startAt), 'The show was called off.'],
  [saleClosed(terms, true, startAt), 'The show was called off.'],
])('has a detail that says what happened (case %#)', (error, detail) => {
  expect(error?.detail).toBe(detail);
});
