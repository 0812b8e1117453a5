import { createRequire } from 'node:module';
import type { Bidi } from 'bidi-js';
import unicode from 'unicode-properties';
import { familiesFor, type FontFace, type FontFamily, type Weight } from './font-face.js';

// The package's types describe its build for bundlers, but Node loads the CommonJS build. So the type is declared here.
const createBidi: () => Bidi = createRequire(import.meta.url)('bidi-js');
const bidi = createBidi();

/** Returns the character that is drawn for a character in right-to-left text, for example "(" for ")". */
export const mirror = (sign: string): string => bidi.getMirroredCharacter(sign) ?? sign;

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** A part of a text that has one direction, one script and one font. Offsets are in UTF-16 code units. */
export interface TextRun {
  readonly start: number;
  readonly end: number;
  /** Embedding level (Unicode Standard Annex 9). Text of odd levels runs from right to left. */
  readonly level: number;
  readonly face: FontFace;
}

/** Returns true if a character is never drawn, so that no font needs a glyph for it. */
const isInvisible = (letter: string): boolean => /^\p{Default_Ignorable_Code_Point}$/u.test(letter);

const hasOwnScript = (script: string): boolean => script !== 'Common' && script !== 'Inherited' && script !== 'Unknown';

/** Splits a text into runs, in reading order. */
export function itemise(text: string, weight: Weight): TextRun[] {
  const { levels } = bidi.getEmbeddingLevels(withoutSurrogates(text));
  const clusters = Array.from(graphemes.segment(text), ({ segment, index }) => ({ segment, index }));
  const scripts = scriptsOf(clusters.map(({ segment }) => segment));
  const runs: TextRun[] = [];
  let lastScript: string | undefined;
  let lastFamily: FontFamily | null = null;
  for (const [n, { segment, index }] of clusters.entries()) {
    const script = scripts[n]!;
    const level = levels[index]!;
    const family = chooseFamily(segment, script, weight, lastFamily);
    const last = runs.at(-1);
    const end = index + segment.length;
    if (last !== undefined && last.level === level && script === lastScript && family === lastFamily) {
      runs[runs.length - 1] = { ...last, end };
    } else {
      runs.push({ start: index, end, level, face: family[weight] });
    }
    lastScript = script;
    lastFamily = family;
  }
  return runs;
}

/**
 * Returns the script of each cluster. Digits, spaces and signs get the script of the letter before them. At the start
 * of the text, they get the script of the first letter.
 */
function scriptsOf(clusters: readonly string[]): string[] {
  const own = clusters.map((cluster) =>
    Array.from(cluster, (letter) => unicode.getScript(letter.codePointAt(0)!)).find(hasOwnScript),
  );
  let current = own.find((script) => script !== undefined) ?? 'Common';
  return own.map((script) => (current = script ?? current));
}

function chooseFamily(cluster: string, script: string, weight: Weight, last: FontFamily | null): FontFamily {
  const letters = Array.from(cluster).filter((letter) => !isInvisible(letter));
  if (letters.length === 0 && last !== null) return last;
  const families = familiesFor(script);
  const has = (letter: string) => (family: FontFamily) => family[weight].hasGlyph(letter.codePointAt(0)!);
  return (
    families.find((family) => letters.every((letter) => has(letter)(family))) ??
    // If no font has all characters, a base letter without its mark is better than an empty box.
    families.find(has(letters[0] ?? ' ')) ??
    families.at(-1)!
  );
}

/**
 * Replaces each surrogate pair by two characters of the same direction. The bidi package reads UTF-16 code units, and treats
 * each half of a surrogate pair as a left-to-right letter. So an emoji before an Arabic title would reverse the title.
 */
const withoutSurrogates = (text: string): string =>
  text.replaceAll(/[\u{10000}-\u{10ffff}]/gu, (letter) => {
    if (!/\p{Letter}|\p{Mark}|\p{Number}/u.test(letter)) return '★★';
    const codePoint = letter.codePointAt(0)!;
    // Unicode reserves these blocks for right-to-left scripts.
    const isRightToLeft =
      (codePoint >= 0x10800 && codePoint < 0x11000) || (codePoint >= 0x1e800 && codePoint < 0x1f000);
    return isRightToLeft ? '\u05d0\u05d0' : 'aa';
  });
