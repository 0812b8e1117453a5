import { baseFace, type Weight } from './font-face.js';
import { itemise, type TextRun } from './itemise.js';
import { lineBreaks } from './line-breaks.js';
import { type ShapedCluster, shapeRun } from './shape.js';

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

export interface TextStyle {
  readonly weight: Weight;
  /** Points per em. */
  readonly size: number;
}

/** A shaped line of text that can be drawn. Lengths are in points. */
export interface TypesetLine {
  readonly size: number;
  /** The clusters from left to right. */
  readonly clusters: readonly ShapedCluster[];
  readonly width: number;
  /** Height above the baseline. */
  readonly ascent: number;
  /** Depth below the baseline. */
  readonly descent: number;
}

/** Returns the height of a line, in points. */
export const heightOf = ({ ascent, descent }: TypesetLine): number => ascent + descent;

/** The part of a text that a line shows. Offsets are in UTF-16 code units. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Breaks a text into lines and shapes the lines. Shaping joins and combines letters, handles both writing directions, and
 * chooses a font for each script.
 *
 * @param text one paragraph; control characters count as spaces
 * @param width maximum width of a line in points
 * @param linesMax maximum number of lines; a longer text is cut and ends with "…"
 */
export function typeset(text: string, style: TextStyle, width: number, linesMax = Infinity): TypesetLine[] {
  const paragraph = new Paragraph(text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim(), style);
  const spans = paragraph.wrap(width);
  if (spans.length <= linesMax) return spans.map((span) => paragraph.line(span));
  const shown = spans.slice(0, linesMax);
  const { start } = shown.pop()!;
  return [...shown.map((span) => paragraph.line(span)), shorten(paragraph.text.slice(start), style, width)];
}

/** Cuts a text to the letters that fit into one line together with a final "…". */
function shorten(text: string, style: TextStyle, width: number): TypesetLine {
  const letters = Array.from(graphemes.segment(text), ({ segment }) => segment);
  const attempt = (count: number): TypesetLine => {
    const paragraph = new Paragraph(`${letters.slice(0, count).join('').trimEnd()}…`, style);
    return paragraph.line({ start: 0, end: paragraph.text.length });
  };
  let [fits, tooMany] = [0, letters.length];
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1;
    if (attempt(middle).width <= width) fits = middle;
    else tooMany = middle;
  }
  return attempt(fits);
}

class Paragraph {
  private readonly runs: readonly TextRun[];
  private readonly shaped: readonly ShapedCluster[][];
  /** For each offset, the width in points of the text before that offset. */
  private readonly widthBefore: Float64Array;

  private readonly style: TextStyle;
  readonly text: string;

  constructor(text: string, style: TextStyle) {
    this.text = text;
    this.style = style;
    this.runs = itemise(text, style.weight);
    this.shaped = this.runs.map((run) => shapeRun(text, run));
    this.widthBefore = new Float64Array(text.length + 1);
    for (const { start, advance } of this.shaped.flat()) this.widthBefore[start + 1]! += advance * style.size;
    for (let at = 0; at < text.length; at++) this.widthBefore[at + 1]! += this.widthBefore[at]!;
  }

  /** Splits the text into lines. A word that is wider than a line is broken between letters. */
  wrap(width: number): Span[] {
    const spans: Span[] = [];
    let start = 0;
    let end = 0;
    for (const breakOffset of lineBreaks(this.text)) {
      if (end > start && this.widthOf(start, breakOffset) > width) {
        spans.push({ start, end });
        start = end;
      }
      for (const letterEnd of this.widthOf(start, breakOffset) > width ? this.letterEnds(start, breakOffset) : []) {
        if (end > start && this.widthOf(start, letterEnd) > width) {
          spans.push({ start, end });
          start = end;
        }
        end = letterEnd;
      }
      end = breakOffset;
    }
    return end > start ? [...spans, { start, end }] : spans;
  }

  line(span: Span): TypesetLine {
    const [start, end] = this.trim(span);
    const runs = this.runs.flatMap((run, n) => {
      const part = { ...run, start: Math.max(run.start, start), end: Math.min(run.end, end) };
      if (part.start >= part.end) return [];
      const isWhole = part.start === run.start && part.end === run.end;
      return { level: run.level, clusters: isWhole ? this.shaped[n]! : shapeRun(this.text, part) };
    });
    const clusters = toVisualOrder(runs).flatMap((run) => run.clusters);
    const { size, weight } = this.style;
    const faces = new Set([baseFace(weight), ...clusters.map(({ face }) => face)]);
    const extents = [...faces].map(({ shaper, unitsPerEm }) => {
      const { ascender, descender } = shaper.hExtents();
      return { ascent: (ascender / unitsPerEm) * size, descent: (-descender / unitsPerEm) * size };
    });
    return {
      size,
      clusters,
      width: clusters.reduce((sum, { advance }) => sum + advance, 0) * size,
      ascent: Math.max(...extents.map(({ ascent }) => ascent)),
      descent: Math.max(...extents.map(({ descent }) => descent)),
    };
  }

  /** Returns the end offsets of the letters between two offsets. */
  private letterEnds(start: number, end: number): number[] {
    return Array.from(
      graphemes.segment(this.text.slice(start, end)),
      ({ index, segment }) => start + index + segment.length,
    );
  }

  private widthOf(start: number, end: number): number {
    const [from, until] = this.trim({ start, end });
    return this.widthBefore[until]! - this.widthBefore[from]!;
  }

  /** Removes the spaces at both ends of a span, because a line does not show them. */
  private trim({ start, end }: Span): [start: number, end: number] {
    const shown = this.text.slice(start, end);
    return [end - shown.trimStart().length, Math.max(end - shown.trimStart().length, start + shown.trimEnd().length)];
  }
}

/**
 * Sorts runs into visual order by rule L2 of the bidirectional algorithm. For each level, starting with the highest, each
 * sequence of runs at or above the level is reversed.
 */
function toVisualOrder<Run extends { readonly level: number }>(runs: readonly Run[]): Run[] {
  const ordered = [...runs];
  const highest = Math.max(0, ...runs.map(({ level }) => level));
  for (let level = highest; level > 0; level--) {
    for (let from = 0; from < ordered.length; from++) {
      let until = from;
      while (until < ordered.length && ordered[until]!.level >= level) until++;
      if (until > from) ordered.splice(from, until - from, ...ordered.slice(from, until).toReversed());
      from = until;
    }
  }
  return ordered;
}
