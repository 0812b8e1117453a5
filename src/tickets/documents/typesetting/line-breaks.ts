import LineBreaker from 'linebreak';

const words = new Intl.Segmenter('und', { granularity: 'word' });

/** Scripts without spaces between words: only a dictionary knows where a word ends (Unicode Standard Annex 14, class SA). */
const withoutSpaces = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]{2,}/gu;

/** Signs that belong to the word before them. */
const isTrailingSign = (letter: string | undefined): boolean => /^[ฯๆໆៗ។៕]$/u.test(letter ?? '');

/** Offsets, in UTF-16 units, where a line of a text may end; the last one is the end of the text. */
export function lineBreaks(text: string): number[] {
  const places = new Set<number>();
  const breaker = new LineBreaker(text);
  for (let next = breaker.nextBreak(); next !== null; next = breaker.nextBreak()) places.add(next.position);
  for (const { 0: phrase, index: start } of text.matchAll(withoutSpaces)) {
    for (const { index } of words.segment(phrase)) {
      if (index > 0 && !isTrailingSign(phrase[index])) places.add(start + index);
    }
  }
  places.add(text.length);
  return [...places].toSorted((a, b) => a - b);
}
