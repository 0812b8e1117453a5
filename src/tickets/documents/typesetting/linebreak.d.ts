declare module 'linebreak' {
  /** Finds the places where a line may end (Unicode Standard Annex 14). */
  export default class LineBreaker {
    constructor(text: string);
    /** Returns the next place as an offset in UTF-16 code units, or null at the end of the text. */
    nextBreak(): { readonly position: number; readonly required: boolean } | null;
  }
}
