/** A word, or a pair of characters of a script without spaces, of what was typed. */
export interface Term {
  readonly text: string;
  /** False for a pair. */
  readonly isWord: boolean;
}

/** A keyword as the database reads it. */
export interface Keyword {
  /** Lower case, without accents. */
  readonly folded: string;
  /** In the order they were typed. */
  readonly terms: readonly Term[];
}

/** What a keyword asks the index for: texts of `tsquery`, and how a title begins that is the very one. */
export interface KeywordQuery {
  /** Titles, people and genres. */
  readonly all: string;
  /** In titles alone, words whole. */
  readonly titleWhole: string;
  /** In titles alone, the last word as far as it is typed. */
  readonly title: string;
  /** In titles and people. */
  readonly titleAndPeople: string;
  /** The keyword with and without an article before it. */
  readonly titles: readonly string[];
}

/** Of more words only the first ones are looked for. */
export const termsMax = 12;

const articles = ['the', 'a', 'an', 'der', 'die', 'das', 'le', 'la', 'les', 'el', 'los', 'las', 'il', 'o', 'os', 'as'];

/**
 * Words that are as often typed where a title has none as they are left out where it has one. Beside others they need
 * not be found; alone they are looked for like any word, so that "It" and "Us" are found.
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

/** The terms that a movie must have to be found. */
export function neededTerms(terms: readonly Term[]): Term[] {
  const first = terms.slice(0, termsMax);
  const telling = first.filter(({ text }) => !stopWords.has(text));
  return telling.length > 0 ? telling : first;
}

/**
 * A term as `tsquery` writes it.
 *
 * @param weights of the places to look in: A titles, B people, C genres
 * @param isTyped false: words that begin with it will do
 */
export const termQuery = ({ text }: Term, isTyped: boolean, weights = ''): string =>
  `'${text}'${isTyped && weights === '' ? '' : ':'}${isTyped ? '' : '*'}${weights}`;

/** Whether a term may go on: it is the last one typed, and a word. */
export const isTyping = (term: Term, { terms }: Keyword): boolean => term.isWord && term === terms.at(-1);

/** What to ask the index for; null where the keyword has nothing in it that could be looked for. */
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
