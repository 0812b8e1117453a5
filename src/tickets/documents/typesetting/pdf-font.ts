import type { FontFace } from './font-face.js';
import { utf16 } from './utf16.js';

type Pdf = PDFKit.PDFDocument;

/** An entry of the font's encoding: a glyph with the text that it represents. */
interface Code {
  /** The glyph's number in the subset. */
  readonly glyph: number;
  /** In thousandths of an em. */
  readonly width: number;
  readonly text: string;
}

/** The methods of fontkit's subset that this file uses. */
interface GlyphSubset {
  /** @returns the glyph's number in the subset */
  includeGlyph(glyphId: number): number;
  encode(): Uint8Array;
}

/** Maximum number of entries in a block of a character map (Adobe Technical Note 5014). */
const entriesPerBlockMax = 100;

/**
 * A font that is embedded in a PDF with only the used glyphs (ISO 32000-1, 9.7: Type 0, CIDFontType2). The PDF package
 * can also embed fonts, but it chooses the glyphs itself. It also allows only one text per glyph in the whole document.
 */
export class PdfFont {
  private readonly subset: GlyphSubset;
  private readonly dictionary: PDFKit.PDFKitReference;
  private readonly codes: Code[] = [{ glyph: 0, width: 0, text: '' }];
  private readonly codeByGlyph = new Map<string, number>();
  private readonly pdf: Pdf;
  private readonly face: FontFace;
  /** The font's name in the resources of pages. */
  readonly name: string;

  constructor(pdf: Pdf, face: FontFace, name: string) {
    this.pdf = pdf;
    this.face = face;
    this.name = name;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package's types accept only glyph objects, but the package also accepts glyph numbers
    this.subset = face.outlines.createSubset() as unknown as GlyphSubset;
    this.dictionary = pdf.ref({});
  }

  useOnPage(): void {
    const fonts: Record<string, unknown> = this.pdf.page.fonts;
    fonts[this.name] = this.dictionary;
  }

  /**
   * Returns the code of a glyph that represents a text. A glyph has a separate code for each text that it represents.
   */
  codeOf(glyphId: number, text: string): number {
    const key = `${glyphId} ${text}`;
    let code = this.codeByGlyph.get(key);
    if (code === undefined) {
      const { shaper, unitsPerEm } = this.face;
      const width = (shaper.glyphHAdvance(glyphId) / unitsPerEm) * 1000;
      code = this.codes.push({ glyph: this.subset.includeGlyph(glyphId), width, text }) - 1;
      this.codeByGlyph.set(key, code);
    }
    return code;
  }

  end(): void {
    const { outlines } = this.face;
    const scale = 1000 / outlines.unitsPerEm;
    const { minX, minY, maxX, maxY } = outlines.bbox;
    // The name of a subset begins with six capital letters. PDF readers distinguish the subsets of a font by this tag.
    const tag = this.name.padEnd(6, 'A').replaceAll(/\d/g, (digit) => String.fromCharCode(66 + Number(digit)));
    const baseFont = `${tag}+${outlines.postscriptName.replaceAll(/[^\w-]/g, '_')}`;
    const descriptor = this.object({
      Type: 'FontDescriptor',
      FontName: baseFont,
      // The flag "symbolic" says that the font has glyphs outside the standard Latin alphabet.
      Flags: 4,
      FontBBox: [minX, minY, maxX, maxY].map((length) => length * scale),
      ItalicAngle: 0,
      Ascent: outlines.ascent * scale,
      Descent: outlines.descent * scale,
      CapHeight: (outlines.capHeight || outlines.ascent) * scale,
      StemV: 80,
      FontFile2: this.object({}, Buffer.from(this.subset.encode())),
    });
    const descendant = this.object({
      Type: 'Font',
      Subtype: 'CIDFontType2',
      BaseFont: baseFont,
      CIDSystemInfo: { Registry: literal('Adobe'), Ordering: literal('Identity'), Supplement: 0 },
      FontDescriptor: descriptor,
      W: [0, this.codes.map(({ width }) => Math.round(width * 100) / 100)],
      CIDToGIDMap: this.object(
        {},
        Buffer.from(new Uint8Array(this.codes.flatMap(({ glyph }) => [glyph >> 8, glyph & 255]))),
      ),
    });
    Object.assign(this.dictionary.data, {
      Type: 'Font',
      Subtype: 'Type0',
      BaseFont: baseFont,
      Encoding: 'Identity-H',
      DescendantFonts: [descendant],
      ToUnicode: this.object({}, Buffer.from(this.toUnicode())),
    });
    this.dictionary.end(undefined);
  }

  private object(data: Record<string, unknown>, content?: Buffer): unknown {
    const reference = this.pdf.ref(data);
    reference.end(content);
    return reference;
  }

  private toUnicode(): string {
    const entries = this.codes.flatMap(({ text }, code) =>
      text === '' ? [] : `<${code.toString(16).padStart(4, '0')}> <${utf16(text)}>`,
    );
    const blocks: string[] = [];
    for (let from = 0; from < entries.length; from += entriesPerBlockMax) {
      const block = entries.slice(from, from + entriesPerBlockMax);
      blocks.push(`${block.length} beginbfchar`, ...block, 'endbfchar');
    }
    return [
      '/CIDInit /ProcSet findresource begin 12 dict begin begincmap',
      '/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def',
      '/CMapName /Adobe-Identity-UCS def /CMapType 2 def',
      '1 begincodespacerange <0000> <ffff> endcodespacerange',
      ...blocks,
      'endcmap CMapName currentdict /CMap defineresource pop end end',
    ].join('\n');
  }
}

/** Creates a PDF string object. The package would write a plain string as a PDF name. */
// oxlint-disable-next-line no-new-wrappers -- the package tells the two apart by their type
const literal = (text: string): object => new String(text);
