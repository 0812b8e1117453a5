import { Injectable } from '@nestjs/common';
import type { FoundMovies, SearchQuery } from '@usher/contract';
import { DatabaseClock } from '../../database/database-clock.js';
import { toIso } from '../../database/sql-time.js';
import { foldText } from '../fold-text.js';
import { isTyping, type Keyword, keywordQuery, neededTerms, termQuery } from './keyword.js';
import { boxAround, distanceKm } from './near.js';
import { decodeSearchPosition, encodeSearchPosition, type SearchPosition } from './search-cursor.js';
import type { NearCinema, Search } from './search-sql.js';
import { type FoundRow, SearchRepository } from './search.repository.js';
import { correctionsOf } from './spelling.js';

const radiusKmDefault = 50;

/** Maximum length of a keyword that the search corrects. Longer keywords are hardly ever misspelt words. */
const correctedLengthMax = 60;

/** Maximum number of corrections that the search tries for a misspelt keyword. */
const correctionsMax = 3;

/** The parameters of a search that do not depend on its keyword. */
type SearchFrame = Omit<Search, 'keyword'>;

/** Finds movies by keyword, place and time. */
@Injectable()
export class SearchService {
  constructor(
    private readonly repository: SearchRepository,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * Returns one page of a search.
   *
   * @param beforeCorrection called before the service looks for words that are similar to a misspelt one. If it rejects,
   *   the search fails with the same error
   * @throws DomainError `INVALID_REQUEST` if the cursor belongs to a different query
   */
  async search(query: SearchQuery, beforeCorrection: () => Promise<void>): Promise<FoundMovies> {
    const scope = scopeOfSearch(query);
    const after = decodeSearchPosition(scope, query.cursor);
    const { frame, found } = await this.readConsistently(query, after, beforeCorrection);
    const { rows, correctedKeyword } = found;
    const items = rows.slice(0, query.limit);
    const last = items.at(-1);
    const next = (row: FoundRow): string =>
      encodeSearchPosition(scope, {
        movieId: row.movieId,
        key: row.key,
        from: frame.from.getTime(),
        snapshot: after?.snapshot ?? row.snapshot,
        correctedKeyword,
      });
    return {
      items: items.map(({ movie, nextShowAt, cinemas, distanceKm: km, shows }) => {
        return { movie, nextShowAt: toIso(nextShowAt), cinemas, distanceKm: km, shows };
      }),
      nextCursor: last && rows.length > query.limit ? next(last) : null,
      didYouMean: correctedKeyword,
    };
  }

  /**
   * Reads a page whose scores all come from one count of popularity. Reads the page again if a new count ended in the
   * meantime.
   */
  private async readConsistently(
    query: SearchQuery,
    after: SearchPosition | null,
    beforeCorrection: () => Promise<void>,
  ) {
    for (;;) {
      const frame = await this.frame(query, after);
      const found = await this.find(query, frame, after, beforeCorrection);
      const isSame = after === null || (await this.repository.isScoredSince(after.snapshot)) === frame.isScoredSince;
      if (isSame) return { frame, found };
    }
  }

  private async frame(query: SearchQuery, after: SearchPosition | null): Promise<SearchFrame> {
    return {
      cinemas: await this.cinemas(query),
      from: new Date(after?.from ?? query.from ?? this.clock.now()),
      to: query.to === undefined ? null : new Date(query.to),
      isTimed: query.from !== undefined || query.to !== undefined,
      sort: query.sort,
      limit: query.limit + 1,
      after,
      isScoredSince: after !== null && (await this.repository.isScoredSince(after.snapshot)),
    };
  }

  /** Returns the cinemas that match the filters of the query, or null if the query has no filter for cinemas. */
  private async cinemas({ city, lat, lon, radiusKm, postalCode }: SearchQuery): Promise<NearCinema[] | null> {
    const centre = lat === undefined || lon === undefined ? null : { lat, lon };
    if (city === undefined && postalCode === undefined && !centre) return null;
    const radius = radiusKm ?? radiusKmDefault;
    const found = await this.repository.cinemas({
      city: city === undefined ? null : cityOf(city),
      postalCode: postalCode === undefined ? null : postalCode.replaceAll(/[\s-]/g, '').toUpperCase(),
      box: centre && boxAround(centre, radius),
    });
    if (!centre) return found.map(({ cinemaId }) => ({ cinemaId, km: null }));
    return found
      .map(({ cinemaId, ...point }) => ({ cinemaId, km: distanceKm(centre, point) }))
      .filter(({ km }) => km <= radius);
  }

  /** Searches for the typed keyword. If nothing matches, searches for its corrections. */
  private async find(
    query: SearchQuery,
    frame: SearchFrame,
    after: SearchPosition | null,
    beforeCorrection: () => Promise<void>,
  ): Promise<{ rows: FoundRow[]; correctedKeyword: string | null }> {
    const typed = (after?.correctedKeyword ?? query.keyword ?? '').trim();
    if (frame.cinemas?.length === 0) return { rows: [], correctedKeyword: null };
    if (typed === '')
      return { rows: await this.repository.search({ ...frame, keyword: null }), correctedKeyword: null };
    const keyword = await this.repository.keyword(typed);
    const rows = await this.rowsOf(keyword, frame);
    if (rows.length > 0 || after || !query.spellcheck)
      return { rows, correctedKeyword: after?.correctedKeyword ?? null };
    for (const correction of await this.correctKeyword(keyword, beforeCorrection)) {
      // The most likely corrections come first, so the first one with results is used.
      const found = await this.rowsOf(await this.repository.keyword(correction), frame);
      if (found.length > 0) return { rows: found, correctedKeyword: correction };
    }
    return { rows, correctedKeyword: null };
  }

  private async rowsOf(keyword: Keyword, frame: SearchFrame): Promise<FoundRow[]> {
    const query = keywordQuery(keyword);
    return query ? this.repository.search({ ...frame, keyword: query }) : [];
  }

  /** Returns corrections of a keyword in which some words occur in no movie. The most likely correction comes first. */
  private async correctKeyword(keyword: Keyword, beforeCorrection: () => Promise<void>): Promise<string[]> {
    const needed = neededTerms(keyword.terms);
    if (needed.length === 0 || keyword.folded.length > correctedLengthMax) return [];
    const asked = needed.map((term) => ({ text: term.text, query: termQuery(term, !isTyping(term, keyword)) }));
    await beforeCorrection();
    const words = await this.repository.similarWords(asked);
    const choices = new Map(
      needed.flatMap((term, index) => {
        const { isKnown, similar } = words[index] ?? { isKnown: true, similar: [] };
        return isKnown ? [] : [[term, correctionsOf(term.text, similar, isTyping(term, keyword))] as const];
      }),
    );
    if (choices.size === 0 || [...choices.values()].some((choice) => choice.length === 0)) return [];
    const corrections = Array.from({ length: correctionsMax }, (_, turn) =>
      keyword.terms.map((term) => choices.get(term)?.[turn] ?? choices.get(term)?.at(-1) ?? term.text).join(' '),
    );
    return [...new Set(corrections)];
  }
}

/** Returns all parameters that affect the results of a search or their order. */
function scopeOfSearch(query: SearchQuery): (string | number | undefined)[] {
  const { keyword, city, lat, lon, radiusKm, from, to, postalCode, spellcheck, sort } = query;
  return ['search', keyword, city, lat, lon, radiusKm, from, to, postalCode, String(spellcheck), sort];
}

const cityOf = (city: string): number | string => (/^[1-9][0-9]{0,14}$/.test(city) ? Number(city) : foldText(city));
