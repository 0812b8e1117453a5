import type { FontFace } from './font-face.js';
import { mirror } from './itemise.js';
import { PdfFont } from './pdf-font.js';
import type { ShapedCluster, ShapedGlyph } from './shape.js';
import { heightOf, type TypesetLine } from './typeset.js';
import { utf16 } from './utf16.js';

type Pdf = PDFKit.PDFDocument;

/** Draws typeset text into a PDF, and embeds the fonts with the used glyphs. */
export class PdfText {
  private readonly fonts = new Map<FontFace, PdfFont>();
  private readonly pdf: Pdf;

  constructor(pdf: Pdf) {
    this.pdf = pdf;
  }

  /**
   * Draws lines one below the other.
   *
   * @returns the y coordinate where the next line would begin
   */
  draw(
    lines: readonly TypesetLine[],
    left: number,
    top: number,
    width: number,
    align: 'left' | 'center' = 'left',
  ): number {
    let y = top;
    for (const line of lines) {
      const indent = align === 'center' ? (width - line.width) / 2 : 0;
      this.drawLine(line, left + indent, y + line.ascent);
      y += heightOf(line);
    }
    return y;
  }

  /** Writes the fonts into the PDF. No text can be drawn after this call. */
  end(): void {
    for (const font of this.fonts.values()) font.end();
  }

  private drawLine({ clusters, size }: TypesetLine, left: number, baseline: number): void {
    const { pdf } = this;
    const texts = textsToCopy(clusters);
    pdf.addContent('BT');
    let x = left;
    let current: PdfFont | null = null;
    for (const [n, cluster] of clusters.entries()) {
      const font = this.fontOf(cluster.face);
      if (font !== current) pdf.addContent(`/${font.name} ${size} Tf`);
      current = font;
      this.drawCluster(font, cluster.glyphs, texts[n]!, size, x, baseline);
      x += cluster.advance * size;
    }
    pdf.addContent('ET');
  }

  private drawCluster(
    font: PdfFont,
    glyphs: readonly ShapedGlyph[],
    text: string,
    size: number,
    left: number,
    baseline: number,
  ): void {
    const { pdf } = this;
    const draw = ({ id, x, y }: ShapedGlyph, glyphText: string) => {
      const code = font.codeOf(id, glyphText).toString(16).padStart(4, '0');
      // The page's y axis points down, so the text matrix flips the text back.
      pdf.addContent(`1 0 0 -1 ${round(left + x * size)} ${round(baseline - y * size)} Tm <${code}> Tj`);
    };
    const marks = glyphs.filter(({ advance }) => advance === 0);
    const [first, ...others] = glyphs.filter(({ advance }) => advance !== 0);
    if (first === undefined || others.length > 0) {
      // PDF readers take the space between the first and the last glyph as the area of the text.
      this.replaceText(text, () => {
        for (const glyph of [first, ...marks, ...others]) if (glyph) draw(glyph, placeholderText);
      });
      return;
    }
    draw(first, text);
    if (marks.length > 0) this.replaceText('', () => marks.forEach((mark) => draw(mark, placeholderText)));
  }

  /** Gives all glyphs that `draw` draws one common text, instead of one text per glyph. */
  private replaceText(text: string, draw: () => void): void {
    this.pdf.addContent(`/Span <</ActualText <${utf16(`\ufeff${text}`)}>>> BDC`);
    draw();
    this.pdf.addContent('EMC');
  }

  private fontOf(face: FontFace): PdfFont {
    let font = this.fonts.get(face);
    if (font === undefined) {
      font = new PdfFont(this.pdf, face, `T${this.fonts.size + 1}`);
      this.fonts.set(face, font);
    }
    font.useOnPage();
    return font;
  }
}

/**
 * The text of a glyph that represents letters only together with other glyphs. PDF readers that do not support
 * `ActualText` need a text for each glyph, so this text is an invisible character.
 */
const placeholderText = '\u200b';

const rightToLeftLetter = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/**
 * Returns, for each cluster, the text that a PDF reader copies. The reader goes through a line from left to right. It
 * reverses each part that begins with a right-to-left letter. Such a part ends before the next digit or the next letter
 * that is not right-to-left. A bracket in right-to-left text outside of such a part is not reversed. So it gets the
 * character that is drawn, which is the mirrored one.
 */
function textsToCopy(clusters: readonly ShapedCluster[]): string[] {
  let isInReversedPart = false;
  return clusters.map(({ text, isRightToLeft }) => {
    if (rightToLeftLetter.test(text)) isInReversedPart = true;
    else if (/[\p{Letter}\p{Number}]/u.test(text)) isInReversedPart = false;
    return isRightToLeft && !isInReversedPart ? mirror(text) : text;
  });
}

const round = (length: number): number => Number(length.toFixed(3));
