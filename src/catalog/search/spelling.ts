/** A word of the catalog that is similar to a misspelt word. */
export interface SimilarWord {
  readonly word: string;
  /** Number of movies that contain the word. */
  readonly movies: number;
}

/**
 * Maximum number of slips that a word may have. Short words may have fewer slips, because one wrong letter can turn a
 * short word into a different word.
 */
const slipsMax = (letters: number): number => (letters < 3 ? 0 : letters < 6 ? 1 : 2);

/**
 * Counts the slips between a typed word and another word. A slip is an extra letter, a missing letter, a wrong letter,
 * or two swapped neighbours. This is the restricted Damerau-Levenshtein distance. The packages that compute this
 * distance cannot compare a word with a prefix.
 *
 * @param isPrefix true if the user may still be typing, so letters that are missing at the end do not count
 */
export function countSlips(typed: string, word: string, isPrefix = false): number {
  const [a, b] = [Array.from(typed), Array.from(word)];
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of a.entries()) {
    const next = [row + 1];
    for (const [column, other] of b.entries()) {
      const least = Math.min(
        (last[column] ?? 0) + (letter === other ? 0 : 1),
        (last[column + 1] ?? 0) + 1,
        (next[column] ?? 0) + 1,
      );
      const isExchange = row > 0 && column > 0 && letter === b[column - 1] && a[row - 1] === other;
      next.push(isExchange ? Math.min(least, (before[column - 1] ?? 0) + 1) : least);
    }
    [before, last] = [last, next];
  }
  return isPrefix ? Math.min(...last) : (last.at(-1) ?? 0);
}

/**
 * Returns the likely corrections of a misspelt word, sorted by fewest slips and then by most movies.
 *
 * @param isTyping true if the word may be incomplete
 */
export function correctionsOf(typed: string, similar: readonly SimilarWord[], isTyping: boolean): string[] {
  const most = slipsMax(Array.from(typed).length);
  // A match with a prefix costs half a slip more, because the user more likely meant a word that matches as a whole.
  const cost = (word: string): number =>
    isTyping ? Math.min(countSlips(typed, word), countSlips(typed, word, true) + 0.5) : countSlips(typed, word);
  return similar
    .map(({ word, movies }) => ({ word, movies, cost: cost(word) }))
    .filter((candidate) => candidate.cost < most + 1)
    .toSorted((a, b) => a.cost - b.cost || b.movies - a.movies || (a.word < b.word ? -1 : 1))
    .map(({ word }) => word);
}
