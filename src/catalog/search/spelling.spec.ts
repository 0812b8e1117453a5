import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { correctionsOf, countSlips } from './spelling.js';

describe('countSlips', () => {
  it.each([
    ['matirx', 'matrix', 1],
    ['godfahter', 'godfather', 1],
    ['jurasic', 'jurassic', 1],
    ['avatarr', 'avatar', 1],
    ['incepshun', 'inception', 3],
    ['matrix', 'matrix', 0],
    ['', 'abc', 3],
  ])('compares %s with %s and returns %i', (typed, word, count) => {
    expect(countSlips(typed, word)).toBe(count);
  });

  it('does not count letters that are not typed yet', () => {
    expect(countSlips('godfah', 'godfather', true)).toBe(1);
    expect(countSlips('jur', 'jurassic', true)).toBe(0);
  });

  it('returns the same count in both directions, and 0 only for equal words', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(countSlips(a, b)).toBe(countSlips(b, a));
        expect(countSlips(a, b) === 0).toBe(a === b);
        expect(countSlips(a, b, true)).toBeLessThanOrEqual(countSlips(a, b));
      }),
    );
  });
});

describe('correctionsOf', () => {
  const words = (...all: [string, number][]) => all.map(([word, movies]) => ({ word, movies }));

  it('sorts words by the fewest slips, then by the most movies', () => {
    const similar = words(['matrix', 3], ['matriz', 1], ['mattress', 9], ['tarix', 5]);
    expect(correctionsOf('matrixx', similar, false)).toEqual(['matrix', 'matriz']);
    expect(correctionsOf('star', words(['stare', 1], ['stars', 4]), false)).toEqual(['stars', 'stare']);
  });

  it('allows fewer slips in short words', () => {
    expect(correctionsOf('it', words(['is', 9], ['in', 9]), false)).toEqual([]);
    expect(correctionsOf('cat', words(['cut', 1], ['dog', 9]), false)).toEqual(['cut']);
  });

  it('completes a word that is still being typed', () => {
    expect(correctionsOf('godfah', words(['godfather', 3]), true)).toEqual(['godfather']);
    expect(correctionsOf('godfah', words(['godfather', 3]), false)).toEqual([]);
  });
});
