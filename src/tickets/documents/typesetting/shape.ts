import { Buffer as ShapingBuffer, BufferFlag, Direction, shape as shapeBuffer } from 'harfbuzzjs';
import type { FontFace } from './font-face.js';
import type { TextRun } from './itemise.js';

/** A glyph with its position relative to the start of its cluster. All lengths are in ems. */
export interface ShapedGlyph {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  /** Zero for a mark, because a mark is drawn onto another glyph. */
  readonly advance: number;
}

/** The glyphs of one letter, or of several letters that the font draws as one unit. */
export interface ShapedCluster {
  readonly face: FontFace;
  /** The letters of the cluster in reading order. */
  readonly text: string;
  /** Offset of the first letter in the text. */
  readonly start: number;
  readonly glyphs: readonly ShapedGlyph[];
  readonly advance: number;
  readonly isRightToLeft: boolean;
}

/** Characters that control the bidirectional algorithm. A PDF reader must not copy them. */
const bidiControls = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

// All texts share one buffer, because each buffer takes memory in the WebAssembly module until the garbage collector runs.
const buffer = new ShapingBuffer();

/** Shapes a run of a text. @returns the clusters from left to right */
export function shapeRun(text: string, { start, end, level, face }: TextRun): ShapedCluster[] {
  buffer.reset();
  // HarfBuzz sees the text around the run, because a letter's form depends on its neighbours.
  buffer.addText(text, start, end - start);
  const isRightToLeft = level % 2 === 1;
  buffer.setDirection(isRightToLeft ? Direction.RTL : Direction.LTR);
  buffer.guessSegmentProperties();
  buffer.setFlags(BufferFlag.REMOVE_DEFAULT_IGNORABLES);
  shapeBuffer(face.shaper, buffer);

  const em = face.unitsPerEm;
  const found: { start: number; glyphs: ShapedGlyph[]; advance: number }[] = [];
  for (const glyph of buffer.getGlyphInfosAndPositions()) {
    let cluster = found.at(-1);
    if (cluster?.start !== glyph.cluster) {
      cluster = { start: glyph.cluster, glyphs: [], advance: 0 };
      found.push(cluster);
    }
    const { codepoint: id, xOffset = 0, yOffset = 0, xAdvance = 0 } = glyph;
    cluster.glyphs.push({ id, x: cluster.advance + xOffset / em, y: yOffset / em, advance: xAdvance / em });
    cluster.advance += xAdvance / em;
  }
  const starts = found.map((cluster) => cluster.start).toSorted((a, b) => a - b);
  const nextStart = new Map(starts.map((at, n) => [at, starts[n + 1] ?? end]));
  return found.map((cluster) => {
    const letters = text.slice(cluster.start, nextStart.get(cluster.start)).replaceAll(bidiControls, '');
    return { ...cluster, face, text: letters, isRightToLeft };
  });
}
