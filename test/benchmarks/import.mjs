// Measures how fast the service's import command imports a national catalog from files. The command uses its own
// embedded PostgreSQL. The benchmark then imports the same files again, and once more after some prices have changed.
//   npm run bench:import [-- --shows 300000 --format csv --changed 2000 --cities 500 --seed usher]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { syntheticCinemas, syntheticCities, syntheticMovies } from '../../dist/catalog/synthetic/synthetic-plan.js';
import { syntheticShows } from '../../dist/catalog/synthetic/synthetic-shows.js';
import { table } from './support.mjs';

const flag = (value) => ({ type: 'string', default: value });
const { values: flags } = parseArgs({
  options: {
    shows: flag('300000'),
    format: flag('csv'),
    changed: flag('2000'),
    cities: flag('500'),
    seed: flag('usher'),
  },
});
const format = String(flags.format);
const [shows, changed, cityCount] = [flags.shows, flags.changed, flags.cities].map(Number);
const size = {
  country: 'US',
  cities: cityCount,
  cinemas: 10,
  halls: 3,
  movies: 3000,
  shows,
  days: 14,
  seed: flags.seed,
};
const cities = syntheticCities(size);
const kinds = ['cities', 'cinemas', 'halls', 'movies', 'shows'];
const layout = 'seat S premium\nstage Screen width 12 gap 3\nA-F 4s_12s_4s\nG-P 4S_12S_4S';

const directory = await mkdtemp(join(tmpdir(), 'usher-bench-'));
await chmod(directory, 0o755);
try {
  await writeFiles(0);
  const rows = [await imported('new')];
  rows.push(await imported('the same again'));
  await writeFiles(changed);
  rows.push(await imported(`${changed} prices changed`));
  process.stdout.write(table(['import', 'seconds', 'lines per second', 'peak MiB', 'load before'], rows));
} finally {
  await rm(directory, { recursive: true, force: true });
}

/** @param dearer number of shows with a higher price */
async function writeFiles(dearer) {
  const lines = { cities: cityLines, cinemas: cinemaLines, halls: hallLines, movies: movieLines, shows: showLines };
  for (const kind of kinds)
    await pipeline(Readable.from(written(lines[kind](dearer))), createWriteStream(fileOf(kind)));
}

function* written(lines) {
  if (format === 'ndjson') {
    for (const line of lines) yield `${JSON.stringify(line)}\n`;
    return;
  }
  let columns = null;
  for (const line of lines) {
    if (!columns) yield `${(columns = Object.keys(line)).join(',')}\n`;
    yield `${columns.map((column) => cell(line[column])).join(',')}\n`;
  }
}

function cell(value) {
  if (value === null) return '';
  const text = typeof value === 'object' ? (value.text ?? JSON.stringify(value)) : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function* cityLines() {
  for (const [index, { foldedName: _, ...city }] of cities.entries()) yield { ref: `city-${index}`, ...city };
}

function* cinemaLines() {
  for (const [index, { city, ...cinema }] of syntheticCinemas(size, cities).entries()) {
    yield { ref: `cinema-${index}`, cityRef: `city-${city}`, ...cinema };
  }
}

function* hallLines() {
  for (let cinema = 0; cinema < size.cities * size.cinemas; cinema++) {
    for (let hall = 0; hall < size.halls; hall++) {
      yield {
        ref: `hall-${cinema}-${hall}`,
        cinemaRef: `cinema-${cinema}`,
        name: `Hall ${hall + 1}`,
        layout: { text: layout },
      };
    }
  }
}

function* movieLines() {
  for (const [index, movie] of syntheticMovies(size).entries()) yield { ref: `movie-${index}`, ...movie };
}

function* showLines(dearer) {
  let number = 0;
  for (const { cinema, hall, movie, startsAt, isMatinee } of syntheticShows(size, cities, new Date())) {
    const [standard, premium] = isMatinee ? [950, 1250] : [1250, 1650];
    yield {
      ref: `show-${number}`,
      movieRef: `movie-${movie}`,
      hallRef: `hall-${cinema}-${hall}`,
      startsAt: startsAt.toISOString(),
      currency: 'USD',
      prices: { standard: standard + (number++ < dearer ? 100 : 0), premium },
    };
  }
}

function fileOf(kind) {
  return join(directory, `${kind}.${format}`);
}

/** Runs the command. Returns a row of the table. */
async function imported(what) {
  const [load] = loadavg();
  const began = performance.now();
  const command = [new URL('../../dist/cli/import.js', import.meta.url).pathname, ...kinds.map(fileOf)];
  const child = spawn(process.execPath, command, {
    env: { PATH: process.env.PATH, DATA_DIR: join(directory, 'data') },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  let peak = 0;
  const looks = setInterval(() => (peak = Math.max(peak, memoryOf(child.pid))), 200);
  const [code] = await once(child, 'exit');
  clearInterval(looks);
  if (code !== 0) throw new Error(`the import ended with ${code}`);
  const seconds = (performance.now() - began) / 1000;
  const lines = size.cities * (1 + size.cinemas * (1 + size.halls)) + size.movies + shows;
  return [what, seconds, lines / seconds, peak / 1024, load];
}

/** Returns the resident memory of a process in KiB, or 0 if the system does not report it. */
function memoryOf(pid) {
  try {
    return Number(/VmRSS:\s+([0-9]+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
