import { beforeAll, expect, it } from '@jest/globals';
import { CatalogWriter } from '../../support/catalog.js';
import { manyCalls, setUpApp } from '../../support/file-app.js';
import { waitUntil } from '../../support/wait-until.js';

const app = setUpApp({ env: manyCalls });
let cityId: number;
let hallId: number;
let path: string;

beforeAll(async () => {
  const writer = new CatalogWriter(app.pool);
  cityId = await writer.city('Köln');
  hallId = await writer.hall(await writer.cinema(cityId));
  for (let count = 0; count < 20; count++) await writer.show(await writer.movie({ title: `Movie ${count}` }), hallId);
  path = `/v1/cities/${cityId}/movies?limit=100`;
});

const list = async () => {
  const answer = await fetch(app.url + path);
  return { answer, text: await answer.text() };
};

/** Number of statements of the service that read movies of a city and wait for a lock. */
async function countWaitingReads(): Promise<number> {
  const { rows } = await app.pool.query<{ count: number }>(
    `select count(*)::int from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and query like '%playing%'`,
  );
  return rows[0]!.count;
}

it('reads the tables once for all equal listings that wait at the same time', async () => {
  const client = await app.pool.connect();
  await client.query('begin; lock table movie in access exclusive mode');
  // Far more listings than one address may have in the queue for a turn.
  const listings = Array.from({ length: 200 }, list);
  await waitUntil(async () => (await countWaitingReads()) === 2);
  await client.query('rollback');
  client.release();
  const answers = await Promise.all(listings);
  expect(new Set(answers.map(({ answer }) => answer.status))).toEqual(new Set([200]));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
});

it('shows every change that was committed before the request', async () => {
  const writer = new CatalogWriter(app.pool);
  for (let count = 0; count < 20; count++) {
    const others = Array.from({ length: 10 }, list);
    await writer.show(await writer.movie({ title: `Late ${count}` }), hallId);
    const { text } = await list();
    expect(text).toContain(`"Late ${count}"`);
    await Promise.all(others);
  }
});

it('has an ETag that stays the same while the listing does, and changes with it', async () => {
  const readEtag = async () => (await list()).answer.headers.get('etag');
  const etag = await readEtag();
  expect(etag).toMatch(/^W\//);
  expect(await readEtag()).toBe(etag);
  const writer = new CatalogWriter(app.pool);
  await writer.show(await writer.movie({ title: 'One more' }), hallId);
  expect(await readEtag()).not.toBe(etag);
});
