import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { familiesFor } from './font-face.js';
import { type TypesetLine, typeset } from './typeset.js';

const style = { weight: 'regular', size: 10 } as const;

const oneLine = (text: string): TypesetLine => typeset(text, style, 10_000)[0]!;

/** Returns the letters of a line from left to right. */
const visualText = ({ clusters }: TypesetLine): string => clusters.map(({ text }) => text).join('');

/** Returns the letters of a line in reading order. */
const logicalText = ({ clusters }: TypesetLine): string =>
  clusters
    .toSorted((a, b) => a.start - b.start)
    .map(({ text }) => text)
    .join('');

/** Returns the glyph that each letter has by itself, without the shaping rules of the font. */
const plainGlyphs = (text: string, script: string): (number | undefined)[] =>
  Array.from(text, (letter) => familiesFor(script)[0]!.regular.shaper.nominalGlyph(letter.codePointAt(0)!));

const glyphsOf = ({ clusters }: TypesetLine): number[] => clusters.flatMap(({ glyphs }) => glyphs.map(({ id }) => id));

describe('typeset', () => {
  it.each([
    ['Hebrew', 'שלום עולם', 'םלוע םולש'],
    ['Hebrew with a number and brackets', 'אולם 12 (קומה ב)', ')ב המוק( 12 םלוא'],
    ['Hebrew around English', 'אולם 3 (VIP) שורה', 'הרוש )VIP( 3 םלוא'],
    ['Arabic before English', 'فيلم (2026) Star Wars', 'Star Wars )2026( مليف'],
    ['English before Arabic', 'Film: فيلم (2026)', 'Film: )2026( مليف'],
    ['an emoji before Arabic', '🎬 فيلم!', '!مليف 🎬'],
    ['a Hebrew name that is isolated in an English sentence', '\u2068יציע\u2069, row 5, seat 3', 'עיצי, row 5, seat 3'],
  ])('puts %s into visual order', (_, text, expected) => {
    expect(visualText(oneLine(text))).toBe(expected);
  });

  it('mirrors a bracket between right-to-left letters', () => {
    const line = oneLine('א(ב)');
    const byText = new Map(line.clusters.map(({ text, glyphs, face }) => [text, { id: glyphs[0]!.id, face }]));
    for (const [text, drawn] of [
      ['(', ')'],
      [')', '('],
    ] as const) {
      const { id, face } = byText.get(text)!;
      expect(id).toBe(face.shaper.nominalGlyph(drawn.codePointAt(0)!));
    }
  });

  it('joins Arabic letters, and draws lam with alef as a special form', () => {
    const joined = glyphsOf(oneLine('ححح'));
    expect(new Set(joined).size).toBe(3);
    expect(joined).not.toContain(plainGlyphs('ح', 'Arabic')[0]);
    const beforeOthers = glyphsOf(oneLine('لب')).at(-1);
    expect(glyphsOf(oneLine('لا'))).not.toContain(beforeOthers);
    for (const glyph of plainGlyphs('لا', 'Arabic')) expect(glyphsOf(oneLine('لا'))).not.toContain(glyph);
  });

  it.each([
    ['Devanagari', 'क्षत्रिय'],
    ['Bengali', 'শ্রী'],
    ['Gujarati', 'ક્ષ'],
    ['Tamil', 'க்ஷ'],
    ['Telugu', 'క్ష'],
    ['Kannada', 'ಕ್ಷ'],
    ['Malayalam', 'ക്ഷ'],
    ['Sinhala', 'ක්‍ෂ'],
    ['Khmer', 'ក្សេ'],
    ['Myanmar', 'က္က'],
  ])('combines the letters of %s', (script, text) => {
    const line = oneLine(text);
    const plain = new Set(plainGlyphs(text, script));
    expect(glyphsOf(line).some((glyph) => !plain.has(glyph))).toBe(true);
    expect(glyphsOf(line)).not.toContain(0);
    expect(logicalText(line)).toBe(text);
  });

  it('draws the vowel of a Hindi syllable before its consonant', () => {
    const [syllable] = oneLine('कि').clusters;
    expect(syllable!.glyphs.at(-1)!.id).toBe(plainGlyphs('क', 'Devanagari')[0]);
  });

  it('breaks Thai only between words', () => {
    const words = ['ภาพยนตร์', 'เรื่อง', 'นี้', 'สนุก', 'มาก'];
    const text = words.join('');
    const ends = words.map((_, n) => words.slice(0, n + 1).join('').length);
    for (let width = 60; width < 160; width += 5) {
      const lines = typeset(text, style, width);
      let at = 0;
      for (const line of lines) expect(ends).toContain((at += logicalText(line).length));
      expect(at).toBe(text.length);
    }
  });

  it('breaks a long title into lines that fit, and ends the last allowed line with an ellipsis', () => {
    const title = 'فيلم طويل جدا (2026) with a long subtitle, and another one, and 东京物语 as well';
    const lines = typeset(title, style, 120);
    expect(lines.length).toBeGreaterThan(2);
    for (const { width } of lines) expect(width).toBeLessThanOrEqual(120);
    expect(lines.map(logicalText).join(' ').replaceAll(' ', '')).toBe(title.replaceAll(' ', ''));
    const short = typeset(title, style, 120, 2);
    expect(short).toHaveLength(2);
    expect(logicalText(short[1]!)).toMatch(/…$/);
    expect(short[1]!.width).toBeLessThanOrEqual(120);
  });

  it('has a glyph for the letters of every script that cinemas are likely to use', () => {
    const samples =
      'Aéß Ωλ Жя Աբ აბ אבּ ابپ कि বাং ਕਿ ક ଓଡ଼ିଆ தமி తెలు ಕನ್ನ മല සිං ไทย้ ລາວ ខ្មែរ မြန် བོད ދިވެ ܐܒ ߒߞߏ አማ 中文 日本語 かな 한국 🎬';
    for (const weight of ['regular', 'bold'] as const) {
      const [line] = typeset(samples, { weight, size: 10 }, 10_000);
      expect(glyphsOf(line!)).not.toContain(0);
    }
  });

  it('keeps every letter of any text, and draws no line wider than the limit', () => {
    const scripts = fc.constantFrom(
      'א',
      'ב(',
      'ح',
      'لا',
      'क्',
      'षि',
      'ไ',
      'ท้',
      '12',
      'Ab',
      ' ',
      '🎬',
      '中',
      'e\u0301',
      '-',
    );
    const anyText = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.array(scripts).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(anyText, fc.integer({ min: 40, max: 300 }), (text, width) => {
        const lines = typeset(text, style, width);
        const letters = (value: string) =>
          value.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s\p{Default_Ignorable_Code_Point}]/gu, '');
        expect(letters(lines.map(logicalText).join(''))).toBe(letters(text));
        const breakable = lines.filter(({ clusters }) => clusters.length > 1);
        for (const line of breakable) expect(line.width).toBeLessThanOrEqual(width * 1.05);
      }),
    );
  });
});
