import { Buffer as ShapingBuffer, BufferFlag, Direction, shape as shapeBuffer } from 'harfbuzzjs';
import type { FontFace } from './font-face.js';
import type { TextRun } from './itemise.js';

/** A glyph with its place relative to where its cluster begins. All lengths are in ems. */
export interface ShapedGlyph {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  /** 0 for a mark, which is drawn onto another glyph. */
  readonly advance: number;
}

/** The glyphs that draw one letter, or several letters that cannot be told apart. */
export interface ShapedCluster {
  readonly face: FontFace;
  /** The letters that it draws, in the order in which they are read. */
  readonly text: string;
  /** Offset in the text where these letters begin. */
  readonly start: number;
  readonly glyphs: readonly ShapedGlyph[];
  readonly advance: number;
  readonly isRightToLeft: boolean;
}

/** Characters that steer the bidirectional algorithm: they are not part of what a reader copies. */
const bidiControls = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

// One buffer for all texts: it lives in the memory of the WebAssembly module, which only the garbage collector frees.
const buffer = new ShapingBuffer();

/** Shapes a run of a text. @returns clusters from left to right */
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
