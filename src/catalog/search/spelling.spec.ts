import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { meantWords, slips } from './spelling.js';

describe('slips', () => {
  it.each([
    ['matirx', 'matrix', 1],
    ['godfahter', 'godfather', 1],
    ['jurasic', 'jurassic', 1],
    ['avatarr', 'avatar', 1],
    ['incepshun', 'inception', 3],
    ['matrix', 'matrix', 0],
    ['', 'abc', 3],
  ])('%s → %s takes %i', (typed, word, count) => {
    expect(slips(typed, word)).toBe(count);
  });

  it('leaves out what is not typed yet', () => {
    expect(slips('godfah', 'godfather', true)).toBe(1);
    expect(slips('jur', 'jurassic', true)).toBe(0);
  });

  it('is the same both ways, and nought only for the same word', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(slips(a, b)).toBe(slips(b, a));
        expect(slips(a, b) === 0).toBe(a === b);
        expect(slips(a, b, true)).toBeLessThanOrEqual(slips(a, b));
      }),
    );
  });
});

describe('meantWords', () => {
  const words = (...all: [string, number][]) => all.map(([word, movies]) => ({ word, movies }));

  it('prefers the fewest slips, then the word of the most movies', () => {
    const similar = words(['matrix', 3], ['matriz', 1], ['mattress', 9], ['tarix', 5]);
    expect(meantWords('matrixx', similar, false)).toEqual(['matrix', 'matriz']);
    expect(meantWords('star', words(['stare', 1], ['stars', 4]), false)).toEqual(['stars', 'stare']);
  });

  it('takes short words at their letters', () => {
    expect(meantWords('it', words(['is', 9], ['in', 9]), false)).toEqual([]);
    expect(meantWords('cat', words(['cut', 1], ['dog', 9]), false)).toEqual(['cut']);
  });

  it('sees what a word is going to be', () => {
    expect(meantWords('godfah', words(['godfather', 3]), true)).toEqual(['godfather']);
    expect(meantWords('godfah', words(['godfather', 3]), false)).toEqual([]);
  });
});
