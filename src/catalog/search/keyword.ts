/** A typed word, or a pair of characters if the script has no spaces between words. */
export interface Term {
  readonly text: string;
  /** False for a pair of characters. */
  readonly isWord: boolean;
}

/** A keyword after the database has split it into terms. */
export interface Keyword {
  /** The keyword in lower case, without accents. */
  readonly folded: string;
  /** The terms in the order in which the user typed them. */
  readonly terms: readonly Term[];
}

/** The conditions of a keyword: `tsquery` texts for the index, and the titles that match exactly. */
export interface KeywordQuery {
  /** Searches titles, people and genres. */
  readonly all: string;
  /** Searches whole words in titles. */
  readonly titleWhole: string;
  /** Searches titles, with the last word as a prefix. */
  readonly title: string;
  /** Searches titles and people. */
  readonly titleAndPeople: string;
  /** The keyword with and without a leading article. */
  readonly titles: readonly string[];
}

/** Maximum number of terms that a search uses. The search ignores any further terms. */
export const termsMax = 12;

const articles = ['the', 'a', 'an', 'der', 'die', 'das', 'le', 'la', 'les', 'el', 'los', 'las', 'il', 'o', 'os', 'as'];

/**
 * Words that people often add to a title or omit from it. They are optional if the keyword has other words. If the
 * keyword has no other words, they are required, so that a keyword such as "the" also finds movies.
 */
const stopWords = new Set(
  articles.concat([
    'of',
    'and',
    'in',
    'on',
    'at',
    'to',
    'for',
    'und',
    'von',
    'et',
    'de',
    'du',
    'des',
    'y',
    'e',
    'di',
    'da',
  ]),
);

/** Returns the terms that a movie must contain. */
export function neededTerms(terms: readonly Term[]): Term[] {
  const first = terms.slice(0, termsMax);
  const telling = first.filter(({ text }) => !stopWords.has(text));
  return telling.length > 0 ? telling : first;
}

/**
 * Formats a term for `tsquery`.
 *
 * @param isTyped true if only the whole term matches, false if words that begin with the term match too
 * @param weights the parts of a movie to search: A for titles, B for people, C for genres; empty for all parts
 */
export const termQuery = ({ text }: Term, isTyped: boolean, weights = ''): string =>
  `'${text}'${isTyped && weights === '' ? '' : ':'}${isTyped ? '' : '*'}${weights}`;

/** Returns true if the user may still be typing the term, because it is the last one and a word. */
export const isTyping = (term: Term, { terms }: Keyword): boolean => term.isWord && term === terms.at(-1);

/** Converts a keyword to conditions. Returns null if the keyword has no terms. */
export function keywordQuery(keyword: Keyword): KeywordQuery | null {
  const needed = neededTerms(keyword.terms);
  if (needed.length === 0) return null;
  const query = (weights: string, isWhole = false): string =>
    needed.map((term) => termQuery(term, isWhole || !isTyping(term, keyword), weights)).join(' & ');
  const [first = '', ...rest] = keyword.folded.split(' ');
  const bare = articles.includes(first) && rest.length > 0 ? [rest.join(' ')] : [];
  const titles = [keyword.folded, ...bare, ...articles.map((article) => `${article} ${keyword.folded}`)];
  return { all: query(''), titleWhole: query('A', true), title: query('A'), titleAndPeople: query('AB'), titles };
}
