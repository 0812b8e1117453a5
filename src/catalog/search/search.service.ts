import { Injectable } from '@nestjs/common';
import type { FoundMovies, SearchQuery } from '@usher/contract';
import { DatabaseClock } from '../../database/database-clock.js';
import { instant } from '../catalog-rows.js';
import { folded } from '../folded.js';
import { isTyping, type Keyword, keywordQuery, neededTerms, termQuery } from './keyword.js';
import { boxAround, distanceKm } from './near.js';
import { decodeSearchPosition, encodeSearchPosition, type SearchPosition } from './search-cursor.js';
import type { NearCinema, Search } from './search-sql.js';
import { type FoundRow, SearchRepository } from './search.repository.js';
import { meantWords } from './spelling.js';

const radiusKmDefault = 50;

/** Longer keywords are not misspelt words. */
const correctedLengthMax = 60;

/** So many readings of a misspelt keyword are tried until one finds something. */
const readingsMax = 3;

/** What of a search is the same for every reading of its keyword. */
type Frame = Omit<Search, 'keyword'>;

/** Finds movies by keyword, place and time. */
@Injectable()
export class SearchService {
  constructor(
    private readonly repository: SearchRepository,
    private readonly clock: DatabaseClock,
  ) {}

  /** One page of a search. @throws DomainError `INVALID_REQUEST` for the cursor of another query */
  async search(query: SearchQuery): Promise<FoundMovies> {
    const scope = scopeOfSearch(query);
    const after = decodeSearchPosition(scope, query.cursor);
    const { frame, found } = await this.framed(query, after);
    const { rows, meant } = found;
    const items = rows.slice(0, query.limit);
    const last = items.at(-1);
    const next = (row: FoundRow): string =>
      encodeSearchPosition(scope, {
        movieId: row.movieId,
        key: row.key,
        from: frame.from.getTime(),
        snapshot: after?.snapshot ?? row.snapshot,
        meant,
      });
    return {
      items: items.map(({ movie, nextShowAt, cinemas, distanceKm: km, shows }) => {
        return { movie, nextShowAt: instant(nextShowAt), cinemas, distanceKm: km, shows };
      }),
      nextCursor: last && rows.length > query.limit ? next(last) : null,
      didYouMean: meant,
    };
  }

  /** Reads a page by one count of popularity: where that was made anew meanwhile, once more. */
  private async framed(query: SearchQuery, after: SearchPosition | null) {
    for (;;) {
      const frame = await this.frame(query, after);
      const found = await this.find(query, frame, after);
      const isSame = after === null || (await this.repository.isScoredSince(after.snapshot)) === frame.isScoredSince;
      if (isSame) return { frame, found };
    }
  }

  private async frame(query: SearchQuery, after: SearchPosition | null): Promise<Frame> {
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

  /** The cinemas that the filters leave; null: there is none, so everywhere. */
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

  /** The rows of the keyword as it came, or of what it may have meant. */
  private async find(
    query: SearchQuery,
    frame: Frame,
    after: SearchPosition | null,
  ): Promise<{ rows: FoundRow[]; meant: string | null }> {
    const typed = (after?.meant ?? query.keyword ?? '').trim();
    if (frame.cinemas?.length === 0) return { rows: [], meant: null };
    if (typed === '') return { rows: await this.repository.search({ ...frame, keyword: null }), meant: null };
    const keyword = await this.repository.keyword(typed);
    const rows = await this.rowsOf(keyword, frame);
    if (rows.length > 0 || after || !query.spellcheck) return { rows, meant: after?.meant ?? null };
    for (const reading of await this.readings(keyword)) {
      // One after the other: the first that finds something is the likeliest.
      const found = await this.rowsOf(await this.repository.keyword(reading), frame);
      if (found.length > 0) return { rows: found, meant: reading };
    }
    return { rows, meant: null };
  }

  private async rowsOf(keyword: Keyword, frame: Frame): Promise<FoundRow[]> {
    const query = keywordQuery(keyword);
    return query ? this.repository.search({ ...frame, keyword: query }) : [];
  }

  /** What a keyword with words that no movie has may have meant, the likeliest first. */
  private async readings(keyword: Keyword): Promise<string[]> {
    const needed = neededTerms(keyword.terms);
    if (needed.length === 0 || keyword.folded.length > correctedLengthMax) return [];
    const asked = needed.map((term) => ({ text: term.text, query: termQuery(term, !isTyping(term, keyword)) }));
    const words = await this.repository.similarWords(asked);
    const choices = new Map(
      needed.flatMap((term, index) => {
        const { isKnown, similar } = words[index] ?? { isKnown: true, similar: [] };
        return isKnown ? [] : [[term, meantWords(term.text, similar, isTyping(term, keyword))] as const];
      }),
    );
    if (choices.size === 0 || [...choices.values()].some((meant) => meant.length === 0)) return [];
    const readings = Array.from({ length: readingsMax }, (_, turn) =>
      keyword.terms.map((term) => choices.get(term)?.[turn] ?? choices.get(term)?.at(-1) ?? term.text).join(' '),
    );
    return [...new Set(readings)];
  }
}

/** All that decides what a search finds and in which order. */
function scopeOfSearch(query: SearchQuery): (string | number | undefined)[] {
  const { keyword, city, lat, lon, radiusKm, from, to, postalCode, spellcheck, sort } = query;
  return ['search', keyword, city, lat, lon, radiusKm, from, to, postalCode, String(spellcheck), sort];
}

const cityOf = (city: string): number | string => (/^[1-9][0-9]{0,14}$/.test(city) ? Number(city) : folded(city));
