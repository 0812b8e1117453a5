import { describe, expect, it } from '@jest/globals';
import { coversCinema, coversShow, isUnlimited, isWithin, type KeyScope } from './key-scope.js';

const everywhere: KeyScope = { showId: null, cinemaIds: null };
const twoCinemas: KeyScope = { showId: null, cinemaIds: [1, 2] };
const oneShow: KeyScope = { showId: 7, cinemaIds: null };
const oneShowOfCinema: KeyScope = { showId: 7, cinemaIds: [1] };

describe('the scope of a key', () => {
  it('contains the whole service only if it has no limit', () => {
    expect([everywhere, twoCinemas, oneShow].map(isUnlimited)).toEqual([true, false, false]);
  });

  it('contains its cinemas, but a scope of one show contains no cinema', () => {
    expect(coversCinema(everywhere, 3)).toBe(true);
    expect([1, 2, 3].map((cinemaId) => coversCinema(twoCinemas, cinemaId))).toEqual([true, true, false]);
    expect([coversCinema(oneShow, 1), coversCinema(oneShowOfCinema, 1)]).toEqual([false, false]);
  });

  it.each([
    [everywhere, 8, 3, true],
    [twoCinemas, 8, 2, true],
    [twoCinemas, 8, 3, false],
    [oneShow, 7, 3, true],
    [oneShow, 8, 1, false],
    [oneShowOfCinema, 7, 1, true],
    [oneShowOfCinema, 7, 2, false],
  ])('%j contains show %i of cinema %i: %j', (scope, showId, cinemaId, isCovered) => {
    expect(coversShow(scope, { showId, cinemaId })).toBe(isCovered);
  });

  it.each([
    [everywhere, everywhere, true],
    [everywhere, twoCinemas, false],
    [everywhere, oneShow, false],
    [{ showId: null, cinemaIds: [2] }, twoCinemas, true],
    [{ showId: null, cinemaIds: [2, 3] }, twoCinemas, false],
    [oneShow, twoCinemas, false],
    [oneShowOfCinema, twoCinemas, true],
    [oneShowOfCinema, oneShow, true],
    [twoCinemas, oneShow, false],
    [{ showId: 8, cinemaIds: [1] }, oneShowOfCinema, false],
  ])('%j is not wider than %j: %j', (inner, outer, isNotWider) => {
    expect(isWithin(inner, outer)).toBe(isNotWider);
  });
});
