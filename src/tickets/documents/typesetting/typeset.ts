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

/** A line of text that is ready to be drawn. Lengths are in points. */
export interface TypesetLine {
  readonly size: number;
  /** From left to right. */
  readonly clusters: readonly ShapedCluster[];
  readonly width: number;
  /** Above and below the baseline. */
  readonly ascent: number;
  readonly descent: number;
}

/** How much room a line takes from top to bottom. */
export const heightOf = ({ ascent, descent }: TypesetLine): number => ascent + descent;

/** The part of a text that a line shows, as offsets in UTF-16 units. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Breaks a text into lines and shapes them: joined and combined letters, both directions, and a font for each script.
 *
 * @param text one paragraph; control characters count as spaces
 * @param width in points
 * @param linesMax longest text to show; what does not fit ends with "…"
 */
export function typeset(text: string, style: TextStyle, width: number, linesMax = Infinity): TypesetLine[] {
  const paragraph = new Paragraph(text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim(), style);
  const spans = paragraph.wrap(width);
  if (spans.length <= linesMax) return spans.map((span) => paragraph.line(span));
  const shown = spans.slice(0, linesMax);
  const { start } = shown.pop()!;
  return [...shown.map((span) => paragraph.line(span)), shorten(paragraph.text.slice(start), style, width)];
}

/** As many letters as fit into a line, and "…". */
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
  /** Width, in points, of the text before each offset. */
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

  /** Fills lines one after another. A word that is wider than a line is broken between letters. */
  wrap(width: number): Span[] {
    const spans: Span[] = [];
    let start = 0;
    let end = 0;
    for (const place of lineBreaks(this.text)) {
      if (end > start && this.widthOf(start, place) > width) {
        spans.push({ start, end });
        start = end;
      }
      for (const inside of this.widthOf(start, place) > width ? this.lettersOf(start, place) : []) {
        if (end > start && this.widthOf(start, inside) > width) {
          spans.push({ start, end });
          start = end;
        }
        end = inside;
      }
      end = place;
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
    const clusters = inVisualOrder(runs).flatMap((run) => run.clusters);
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

  /** Ends of the letters between two offsets. */
  private lettersOf(start: number, end: number): number[] {
    return Array.from(
      graphemes.segment(this.text.slice(start, end)),
      ({ index, segment }) => start + index + segment.length,
    );
  }

  private widthOf(start: number, end: number): number {
    const [from, until] = this.trim({ start, end });
    return this.widthBefore[until]! - this.widthBefore[from]!;
  }

  /** Spaces at the ends of a line are not shown. */
  private trim({ start, end }: Span): [start: number, end: number] {
    const shown = this.text.slice(start, end);
    return [end - shown.trimStart().length, Math.max(end - shown.trimStart().length, start + shown.trimEnd().length)];
  }
}

/** Rule L2 of the bidirectional algorithm, for whole runs: each level turns what is at it or above it around. */
function inVisualOrder<Run extends { readonly level: number }>(runs: readonly Run[]): Run[] {
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
