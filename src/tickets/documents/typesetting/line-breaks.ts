import LineBreaker from 'linebreak';

const words = new Intl.Segmenter('und', { granularity: 'word' });

/**
 * Matches text of scripts without spaces between words. Only a dictionary can find the ends of words there (Unicode Standard
 * Annex 14, class SA).
 */
const textWithoutSpaces = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]{2,}/gu;

/** Returns true if a character is a sign that belongs to the word before it. */
const isTrailingSign = (character: string | undefined): boolean => /^[ฯๆໆៗ។៕]$/u.test(character ?? '');

/** Returns the offsets, in UTF-16 code units, where a line may end. The last offset is the end of the text. */
export function lineBreaks(text: string): number[] {
  const offsets = new Set<number>();
  const breaker = new LineBreaker(text);
  for (let next = breaker.nextBreak(); next !== null; next = breaker.nextBreak()) offsets.add(next.position);
  for (const { 0: phrase, index: start } of text.matchAll(textWithoutSpaces)) {
    for (const { index } of words.segment(phrase)) {
      if (index > 0 && !isTrailingSign(phrase[index])) offsets.add(start + index);
    }
  }
  offsets.add(text.length);
  return [...offsets].toSorted((a, b) => a - b);
}
