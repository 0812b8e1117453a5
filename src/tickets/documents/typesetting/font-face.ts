import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { create, type Font as FontkitFont } from 'fontkit';
import { Blob, Face, Font } from 'harfbuzzjs';
import { unpackWoff } from './woff.js';

export type Weight = 'regular' | 'bold';

const { resolve } = createRequire(import.meta.url);

/**
 * A font file. HarfBuzz shapes text with the font, and fontkit creates the subset that a PDF embeds. The file is read on the
 * first use.
 */
export class FontFace {
  private bytesRead: Uint8Array | null = null;
  private shaperOpened: Font | null = null;
  private outlinesOpened: FontkitFont | null = null;

  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  get shaper(): Font {
    this.shaperOpened ??= new Font(new Face(new Blob(this.bytes)));
    return this.shaperOpened;
  }

  get outlines(): FontkitFont {
    if (this.outlinesOpened === null) {
      const opened = create(Buffer.from(this.bytes));
      if (!('createSubset' in opened))
        throw new Error(`${this.file} is a collection of fonts. A file with a single font is required.`);
      this.outlinesOpened = opened;
    }
    return this.outlinesOpened;
  }

  get unitsPerEm(): number {
    return this.shaper.face.upem;
  }

  hasGlyph(codePoint: number): boolean {
    return (this.shaper.nominalGlyph(codePoint) ?? 0) !== 0;
  }

  private get bytes(): Uint8Array {
    if (this.bytesRead === null) {
      const content = readFileSync(resolve(this.file));
      this.bytesRead = this.file.endsWith('.woff') ? unpackWoff(content) : content;
    }
    return this.bytesRead;
  }
}

/** The faces of one font in the weights that tickets use. */
export type FontFamily = Readonly<Record<Weight, FontFace>>;

function family(regular: string, bold = regular): FontFamily {
  const face = new FontFace(regular);
  return { regular: face, bold: bold === regular ? face : new FontFace(bold) };
}

function noto(name: string, script: string, weights: readonly number[] = [400, 700]): FontFamily {
  const [regular, bold] = weights.map((weight) => `@fontsource/${name}/files/${name}-${script}-${weight}-normal.woff`);
  return family(regular!, bold);
}

/** Covers Latin, Greek, Cyrillic, Armenian, Georgian and many symbols. */
const dejaVu = family('dejavu-fonts-ttf/ttf/DejaVuSans.ttf', 'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');

/**
 * Covers all other letters with coarse bitmaps. A font with smooth letters takes more than 5 MB for each of Chinese,
 * Japanese and Korean.
 */
const unifont = family('@fontsource/unifontex/files/unifontex-latin-400-normal.woff');

/**
 * Fonts by Unicode script name. In these scripts, letters join, combine or change their positions. So each script needs
 * a font with rules for this.
 */
const familyByScript: ReadonlyMap<string, FontFamily> = new Map([
  ...[
    'Arabic', 'Hebrew', 'Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada',
    'Malayalam', 'Sinhala', 'Thai', 'Lao', 'Khmer', 'Myanmar', 'Thaana', 'Syriac',
  ].map((script) => [script, noto(`noto-sans-${script.toLowerCase()}`, script.toLowerCase())] as const), // prettier-ignore
  ['Nko', noto('noto-sans-nko', 'nko', [400])],
  ['Tibetan', noto('noto-serif-tibetan', 'tibetan')],
]);

/** Returns the font families that may contain the letters of a script, best family first. */
export function familiesFor(script: string): readonly FontFamily[] {
  const best = familyByScript.get(script);
  return best === undefined ? [dejaVu, unifont] : [best, dejaVu, unifont];
}

/** Returns the face that sets the minimum height of every line. */
export const baseFace = (weight: Weight): FontFace => dejaVu[weight];
