import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** A movie of the demo. It has only the details that the data package contains. */
export interface DemoMovie {
  readonly title: string;
  readonly people: readonly { name: string; role: string }[];
  readonly genres: readonly string[];
  readonly durationMinutes: number;
  /** A calendar day such as `1999-03-31`. */
  readonly releaseDate: string;
}

const movieCount = 40;

/**
 * The fields of a row that the demo needs. A row in which one of them is missing is skipped. A row whose title is not
 * ASCII is skipped too, because the package lost the accents of such titles.
 */
const Row = z.object({
  // The package stores the title "300" as a number.
  Title: z
    .union([z.string(), z.number()])
    .transform(String)
    .pipe(z.string().regex(/^[\x20-\x7e]+$/)),
  'Release Date': z.string().regex(/^[A-Z][a-z]{2} \d{2} \d{4}$/),
  'Running Time min': z.int().positive(),
  'Major Genre': z.string(),
  Director: z.string(),
  'IMDB Votes': z.int().positive(),
});

/** Current names of people who had a different name when the package was made in 2010. */
const names: Readonly<Record<string, string>> = { 'Andy Wachowski': 'Lilly Wachowski' };

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Converts a day such as `Nov 12 2004` to `2004-11-12`. It does not use `Date`, which would read the day in the time
 * zone of the machine.
 */
export function isoDay(text: string): string {
  const [month = '', day = '', year = ''] = text.split(' ');
  return `${year}-${String(months.indexOf(month) + 1).padStart(2, '0')}-${day}`;
}

/**
 * Returns forty well-known films of the package `vega-datasets`. Of the films that have all fields, these have the most
 * votes.
 */
export function demoMovies(): DemoMovie[] {
  // The package exports only its entry file, so the path of the data file is derived from the path of the entry file.
  const entry = createRequire(import.meta.url).resolve('vega-datasets');
  const file = join(dirname(entry), '../data/movies.json');
  return z
    .array(z.unknown())
    .parse(JSON.parse(readFileSync(file, 'utf8')))
    .flatMap((row) => Row.safeParse(row).data ?? [])
    .toSorted((a, b) => b['IMDB Votes'] - a['IMDB Votes'])
    .slice(0, movieCount)
    .map((row) => ({
      title: row.Title,
      people: [{ name: names[row.Director] ?? row.Director, role: 'director' }],
      genres: row['Major Genre'].split('/'),
      durationMinutes: row['Running Time min'],
      releaseDate: isoDay(row['Release Date']),
    }));
}
