import { expect, it } from '@jest/globals';
import pg from 'pg';
import { insertSyntheticCatalog } from './synthetic-catalog.js';
import type { SyntheticSize } from './synthetic-plan.js';

const small: SyntheticSize = {
  country: 'US',
  cities: 1,
  cinemas: 1,
  halls: 1,
  movies: 1,
  shows: 1,
  days: 1,
  seed: 'test',
};

it.each<[string, Partial<SyntheticSize>]>([
  ['--shows: at most 4 shows fit into 1 halls in 1 days', { shows: 5 }],
  ['--movies must be at most 100000', { movies: 9_999_999 }],
  ['--days must be at most 366', { days: 367 }],
  ['--shows must be at most 3000000', { shows: 9_999_999, halls: 199_999, days: 366 }],
  ['--cities × --cinemas × --halls is 1000000 halls', { cinemas: 1000, halls: 1000 }],
  ['--cities must be at most 774 for US', { cities: 775 }],
  ['--cities must be at most 0 for ZZ', { country: 'ZZ' }],
])('refuses an impossible size before it queries the database: %s', async (message, size) => {
  const untouched = new pg.Client();
  const generating = insertSyntheticCatalog(untouched, { ...small, ...size }, new Date(), () => undefined);
  await expect(generating).rejects.toThrow(message);
});
