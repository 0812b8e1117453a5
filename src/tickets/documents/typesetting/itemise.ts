import { createRequire } from 'node:module';
import type { Bidi } from 'bidi-js';
import unicode from 'unicode-properties';
import { familiesFor, type FontFace, type FontFamily, type Weight } from './font-face.js';

// The types of the package describe its build for bundlers; Node loads the other one.
const bidi = (createRequire(import.meta.url)('bidi-js') as () => Bidi)();

/** The sign that is drawn for a sign where text runs from right to left, as "(" for ")". */
export const mirrored = (sign: string): string => bidi.getMirroredCharacter(sign) ?? sign;

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** A part of a text, as offsets in UTF-16 units, with one direction, one script and one font. */
export interface TextRun {
  readonly start: number;
  readonly end: number;
  /** Level of embedding (Unicode Standard Annex 9): odd levels run from right to left. */
  readonly level: number;
  readonly face: FontFace;
}

/** Characters that are not drawn, so that no font needs a glyph for them. */
const isInvisible = (letter: string): boolean => /^\p{Default_Ignorable_Code_Point}$/u.test(letter);

const hasOwnScript = (script: string): boolean => script !== 'Common' && script !== 'Inherited' && script !== 'Unknown';

/** Splits a text into runs, in the order in which it is read. */
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

/** The script of each cluster. Digits, spaces and signs belong to the script before them, at the start to the one after. */
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
    // A base letter without its mark is better than a box.
    families.find(has(letters[0] ?? ' ')) ??
    families.at(-1)!
  );
}

/**
 * The package reads UTF-16 units, and takes each half of a surrogate pair for a letter that runs from left to right. So an
 * emoji before an Arabic title would turn the title around.
 */
const withoutSurrogates = (text: string): string =>
  text.replaceAll(/[\u{10000}-\u{10ffff}]/gu, (letter) => {
    if (!/\p{Letter}|\p{Mark}|\p{Number}/u.test(letter)) return '★★';
    const codePoint = letter.codePointAt(0)!;
    // The blocks that Unicode keeps for scripts from right to left.
    const isRightToLeft =
      (codePoint >= 0x10800 && codePoint < 0x11000) || (codePoint >= 0x1e800 && codePoint < 0x1f000);
    return isRightToLeft ? '\u05d0\u05d0' : 'aa';
  });
