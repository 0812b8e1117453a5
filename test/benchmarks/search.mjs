// Measures searches and listings of a national catalog at a steady rate over HTTP. For the baseline, PostgreSQL runs
// the same statements but may only scan whole tables. The service is a separate process, and the load generator shares
// its cores.
//   npm run bench:search [-- --shows 300000 --seconds 20 --rate 50 --baseline 20 --seed usher --cities 500]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { insertSyntheticCatalog } from '../../dist/catalog/synthetic/synthetic-catalog.js';
import { seededRandom } from '../../dist/catalog/demo/random.js';
import { startEmbeddedPostgres } from '../../dist/database/embedded-postgres.js';
import { requiredSettings, migrateDatabase, percentile, sessionSecret, table } from './support.mjs';

const flag = (value) => ({ type: 'string', default: value });
const { values: flags } = parseArgs({
  options: {
    cities: flag('500'),
    shows: flag('300000'),
    seconds: flag('20'),
    rate: flag('50'),
    baseline: flag('20'),
    seed: flag('usher'),
  },
});
const [seconds, rate, baselineCount] = [flags.seconds, flags.rate, flags.baseline].map(Number);
const size = { country: 'US', cities: Number(flags.cities), cinemas: 10, halls: 3, movies: 3000, days: 14 };
// Node's server closes a connection after five idle seconds, perhaps just when the client uses it again. So the client
// closes an idle connection after three seconds.
const agent = new Agent({ keepAlive: true, timeout: 3000 });
const random = seededRandom(flags.seed);

const directory = await mkdtemp(join(tmpdir(), 'usher-bench-'));
const server = await startEmbeddedPostgres({ directory, password: 'bench', settings: { shared_buffers: '256MB' } });
const client = new pg.Client({ connectionString: server.url });
try {
  await migrateDatabase(server.url);
  await client.connect();
  const began = performance.now();
  const catalog = { ...size, shows: Number(flags.shows), seed: flags.seed };
  await insertSyntheticCatalog(client, catalog, new Date(), () => undefined);
  await sellSome();
  const generated = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(`${catalog.shows} shows in ${size.cities * size.cinemas} cinemas, made in ${generated} s\n\n`);
  const mixes = await queryMixes();
  const rows = [];
  const service = await startService();
  await tallied();
  for (const [name, queries] of Object.entries(mixes)) {
    await atRate(service.url, queries, 5);
    rows.push(row(`${name}, ${rate} a second`, await atRate(service.url, queries, seconds)));
  }
  rows.push(row(`both at once, ${2 * rate} per second`, await both(service.url, mixes)));
  await service.stop();
  const scanning = await scanningService();
  for (const [name, queries] of Object.entries(mixes)) {
    rows.push(row(`${name}, sequential scans, one at a time`, await oneByOne(scanning.url, queries)));
  }
  await scanning.stop();
  process.stdout.write(table(['query', 'queries', 'p50 ms', 'p95 ms', 'p99 ms', 'slowest ms'], rows));
} finally {
  await client.end();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}

function row(name, latencies) {
  const at = (share) => percentile(latencies, share);
  return [name, latencies.length, at(0.5), at(0.95), at(0.99), Math.max(...latencies)];
}

/** Sells some seats of every fifth show, so that listings read ledgers. */
async function sellSome() {
  await client.query(
    `insert into show_ledger (show_id, free, sold) select id, 320 - id % 320, id % 320 from show where id % 5 = 0`,
  );
  await client.query('vacuum (analyze) show_ledger');
}

/** Returns two functions. One returns the path of a random search, the other returns the path of a random listing. */
async function queryMixes() {
  const { rows: cities } = await client.query('select id, name, lat, lon from city');
  const { rows: movies } = await client.query(
    `select distinct movie.id, title, people -> 0 ->> 'name' as person, genres ->> 0 as genre from movie
     join show on show.movie_id = movie.id order by movie.id`,
  );
  const { rows: cinemas } = await client.query('select id, postal_code from cinema');
  const day = (ahead) => new Date(Date.now() + ahead * 86_400_000).toISOString();
  const some = (items) => random.pick(items);
  const search = (query) => `/v1/movies/search?${new URLSearchParams(query)}`;
  const word = () =>
    some(
      some(movies)
        .title.split(/[\s:-]+/)
        .filter((part) => part.length > 3),
    );
  const near = () => {
    const { lat, lon } = some(cities);
    return { lat, lon, radiusKm: some([5, 20, 50, 100]) };
  };
  const searches = [
    () => search({ keyword: some(movies).title }),
    () => search({ keyword: word() }),
    () => search({ keyword: word().slice(0, 3), city: some(cities).id }),
    () => search({ keyword: word().slice(0, 1 + random.integer(4)) }),
    () => search({ keyword: misspelt(word()) }),
    () => search({ keyword: misspelt(word()), city: some(cities).id }),
    () => search({ keyword: some(movies).person, sort: 'title' }),
    () => search({ keyword: some(movies).genre, ...near(), sort: 'distance' }),
    () => search({ city: some(cities).name, sort: 'startsAt' }),
    () => search({ ...near(), sort: some(['distance', 'startsAt', 'popularity']) }),
    () => search({ postalCode: some(cinemas).postal_code }),
    () => search({ sort: some(['popularity', 'title', 'startsAt']) }),
    () => search({ city: some(cities).id, from: day(2), to: day(3), sort: 'popularity' }),
    () => search({ keyword: word(), from: day(1), to: day(4) }),
  ];
  const listings = [
    () => `/v1/cities/${some(cities).id}/movies`,
    () => `/v1/cities/${some(cities).id}/movies?date=${day(1 + random.integer(10)).slice(0, 10)}`,
    () => `/v1/cities/${some(cities).id}/cinemas`,
    () => `/v1/movies/${some(movies).id}/showtimes?cityId=${some(cities).id}`,
    () => `/v1/movies/${movies[0].id}/showtimes?cityId=${some(cities).id}&date=${day(3).slice(0, 10)}`,
    () => `/v1/cinemas/${some(cinemas).id}/showtimes`,
    () => `/v1/cinemas/${some(cinemas).id}/showtimes?date=${day(2).slice(0, 10)}`,
    () => `/v1/cities?q=${encodeURIComponent(some(cities).name.slice(0, 3))}`,
  ];
  return { searches: () => some(searches)(), listings: () => some(listings)() };
}

/** Puts a typo into a word: exchanges two neighbouring letters or leaves one out. */
function misspelt(word) {
  const at = 1 + random.integer(word.length - 2);
  return random.integer(2) === 0
    ? word.slice(0, at) + word.slice(at + 1)
    : word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
}

/** Runs one query. Returns the milliseconds from the time at which the query was due until its answer. */
function ask(url, path, due = performance.now()) {
  return new Promise((resolve, reject) => {
    get(url + path, { agent }, (response) => {
      response.resume();
      response.once('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - due);
        else reject(new Error(`${path} answered ${response.statusCode}`));
      });
    }).once('error', (error) => reject(new Error(`${path}: ${error.message}`)));
  });
}

/**
 * Starts each query when it is due, even if earlier queries are unanswered, so that a slow answer does not delay the
 * next queries. Returns the latencies.
 */
async function atRate(url, query, during) {
  const answers = [];
  const began = performance.now();
  for (let n = 0; n < during * rate; n++) {
    const due = began + (n * 1000) / rate;
    await delay(Math.max(0, due - performance.now()));
    answers.push(ask(url, query(), due));
  }
  return Promise.all(answers);
}

async function both(url, { searches, listings }) {
  return (await Promise.all([atRate(url, searches, seconds), atRate(url, listings, seconds)])).flat();
}

async function oneByOne(url, query) {
  const latencies = [];
  for (let n = 0; n < baselineCount; n++) latencies.push(await ask(url, query()));
  return latencies;
}

/** Waits until the service has counted the shows of the movies. */
async function tallied() {
  for (;;) {
    const { rows } = await client.query('select bool_or(shows > 0) as done from movie_tally');
    if (rows[0].done) return;
    await delay(50);
  }
}

/** Starts the same service on a database that uses an index only if there is no other plan. */
async function scanningService() {
  for (const way of ['indexscan', 'indexonlyscan', 'bitmapscan']) {
    await client.query(`alter database usher set enable_${way} = off`);
  }
  return startService();
}

async function startService() {
  const env = {
    ...process.env,
    DATABASE_URL: server.url,
    PORT: '0',
    HOST: '127.0.0.1',
    DEMO: 'false',
    LOG_LEVEL: 'error',
  };
  const child = spawn(process.execPath, [new URL('../../dist/main.js', import.meta.url).pathname], {
    env: { ...env, ...requiredSettings, CALLS_PER_SECOND_MAX: '1000000', SESSION_SECRET: sessionSecret },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await once(child.stdout, 'data');
  const url = /http:\/\/[0-9.:]+/.exec(String(output))?.[0];
  if (!url) throw new Error(`the service did not start: ${output}`);
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
