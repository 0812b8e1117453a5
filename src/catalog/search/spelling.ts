/** A word of the catalog that a misspelt one may have meant. */
export interface SimilarWord {
  readonly word: string;
  /** How many movies have it. */
  readonly movies: number;
}

/** How many slips a word of so many letters may have: in a short one another letter is another word. */
const slipsMax = (letters: number): number => (letters < 3 ? 0 : letters < 6 ? 1 : 2);

/**
 * How many slips of the finger turn one word into another: a letter too many, one missing, a wrong one, two neighbours
 * exchanged (Damerau and Levenshtein, no place changed twice).
 *
 * @param isPrefix the word may go on: what is missing at its end counts nothing
 */
export function slips(typed: string, word: string, isPrefix = false): number {
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
 * Which words a misspelt one may have meant, the likeliest first: the fewest slips, then those of the most movies.
 *
 * @param isTyping the word may not be whole yet
 */
export function meantWords(typed: string, similar: readonly SimilarWord[], isTyping: boolean): string[] {
  const most = slipsMax(Array.from(typed).length);
  // Half a slip for what is not typed yet: a whole word that fits is the likelier one.
  const cost = (word: string): number =>
    isTyping ? Math.min(slips(typed, word), slips(typed, word, true) + 0.5) : slips(typed, word);
  return similar
    .map(({ word, movies }) => ({ word, movies, cost: cost(word) }))
    .filter((candidate) => candidate.cost < most + 1)
    .toSorted((a, b) => a.cost - b.cost || b.movies - a.movies || (a.word < b.word ? -1 : 1))
    .map(({ word }) => word);
}
