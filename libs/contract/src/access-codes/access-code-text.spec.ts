import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  accessCodeAlphabet,
  accessCodeLength,
  accessCodeRandomLength,
  ChosenAccessCode,
  completeAccessCode,
  isMistypedAccessCode,
  normalizeAccessCode,
} from './access-code-text.js';

const character = fc.constantFrom(...Array.from(accessCodeAlphabet));
const random = fc
  .array(character, {
    minLength: accessCodeRandomLength,
    maxLength: accessCodeRandomLength,
  })
  .map((characters) => characters.join(''));
const place = fc.nat({ max: accessCodeLength - 1 });

it('has at least 80 random bits', () => {
  expect(accessCodeRandomLength * Math.log2(accessCodeAlphabet.length)).toBeGreaterThan(80);
});

it('has four groups of five characters', () => {
  fc.assert(
    fc.property(random, (characters) => {
      const code = completeAccessCode(characters);
      expect(code).toMatch(/^([B-DF-HJKMNP-TV-Z2-9]{5}-){3}[B-DF-HJKMNP-TV-Z2-9]{5}$/);
      expect(isMistypedAccessCode(code)).toBe(false);
    }),
  );
});

it('reveals every wrong character and every two characters that changed their places', () => {
  fc.assert(
    fc.property(random, place, place, character, (characters, a, b, other) => {
      const code = Array.from(normalizeAccessCode(completeAccessCode(characters)));
      const replaced = code.with(a, other);
      expect(isMistypedAccessCode(replaced.join(''))).toBe(code[a] !== other);
      const swapped = code.with(a, code[b]!).with(b, code[a]!);
      expect(isMistypedAccessCode(swapped.join(''))).toBe(code[a] !== code[b]);
    }),
    { numRuns: 1000 },
  );
});

it.each(['fanclub 2026', 'Fan-Club-2026', 'FANCLUB\u20112026', ' fanclub2026\n', 'ＦＡＮclub2026'])(
  'is the same however it is written: %j',
  (written) => {
    expect(normalizeAccessCode(written)).toBe('FANCLUB2026');
  },
);

describe('a chosen code', () => {
  it.each(['FANCLUB2026', 'fan-club 2026', 'Kinofreunde Köln', 'друзьякино'])('can be %j', (code) => {
    expect(ChosenAccessCode.safeParse(code).success).toBe(true);
  });

  it.each([
    ['is too short', 'SECRET7'],
    ['is too long', 'A'.repeat(41)],
    ['has other characters', 'FANCLUB=2026'],
    ['looks like a created code, because a typing error would then be reported', 'BCDFG-HJKMN-PQRST-VWXYZ'],
  ])('is refused if it %s', (_, code) => {
    expect(ChosenAccessCode.safeParse(code).success).toBe(false);
  });
});
