import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeSeats } from '@usher/contract';
import type pg from 'pg';
import { BreakablePostgres, type ReservationAttempt } from '../support/breakable-postgres.js';
import { PostgresServer } from '../support/postgres-server.js';
import type { TestSocket } from '../support/socket.js';
import { waitUntil } from '../support/wait-until.js';

/** Maximum time between two version announcements to a viewer, in ms. The contract promises it. */
const beatMsMax = 5000;

let world: BreakablePostgres | null = null;

afterEach(async () => {
  await world?.close();
  world = null;
});

async function begin(settings?: Record<string, string>, folder?: string): Promise<BreakablePostgres> {
  world = await BreakablePostgres.start(settings, folder);
  return world;
}

/**
 * Runs two buyers, each on a node of their own, who keep reserving seats before, during and after `happens`. Returns
 * their attempts.
 */
async function buyThrough(on: BreakablePostgres, happens: () => Promise<void>): Promise<ReservationAttempt[]> {
  const stop = new AbortController();
  const buyers = [on.reserveUntil(stop.signal, 0, 0), on.reserveUntil(stop.signal, 1, 1000)];
  await delay(300);
  await happens();
  await delay(300);
  stop.abort();
  return (await Promise.all(buyers)).flat();
}

/**
 * Expects that each attempt made exactly one booking, that this booking is in the tables, and that no seat is booked
 * twice.
 */
async function expectAllThere(
  on: BreakablePostgres,
  tried: readonly ReservationAttempt[],
  server?: PostgresServer,
): Promise<void> {
  const stored = await on.findBookings(server);
  expect(tried.length).toBeGreaterThan(0);
  for (const { seat, booking } of tried) expect(stored.get(booking!.bookingId)).toEqual([seat]);
  expect(new Set(tried.map(({ booking }) => booking!.bookingId)).size).toBe(tried.length);
  const seats = [...stored.values()].flat();
  expect(new Set(seats).size).toBe(seats.length);
}

/** Expects that the viewer's map agrees with the tables once the node has caught up. */
async function expectRight(on: BreakablePostgres, viewer: TestSocket): Promise<void> {
  const { version } = await viewer.ask('show:sync', { showId: on.showId, since: 1_000_000 });
  await viewer.next('show:version', (beat) => beat.version >= version, 15_000);
  const joined = await viewer.joinOpen(on.showId);
  const seats = decodeSeats(joined.seats, joined.seatCount);
  const taken = [...(await on.findBookings()).values()].flat();
  expect([...seats.keys()].filter((seat) => seats[seat] === 1)).toEqual(taken.toSorted((a, b) => a - b));
}

describe('a restart of PostgreSQL', () => {
  it.each(['fast', 'immediate'] as const)(
    'loses no acknowledged booking, makes no booking twice, and requires no restart of a node (%s)',
    async (how) => {
      const on = await begin();
      const viewer = await on.connect(1);
      await viewer.ask('show:join', { showId: on.showId });
      const tried = await buyThrough(on, async () => {
        await on.postgres.stop(how);
        await on.postgres.restart();
        process.stdout.write(
          `served again ${Math.round(await on.waitUntilServed(0, 1900))} ms after a restart (${how})\n`,
        );
      });
      await expectAllThere(on, tried);
      await expectRight(on, viewer);
    },
    120_000,
  );
});

describe('a frozen PostgreSQL', () => {
  it('leaves no buyer without an answer and no viewer without announcements, and maps are correct after it thaws', async () => {
    const on = await begin();
    const [buyer, viewer] = [await on.connect(0), await on.connect(1)];
    await viewer.ask('show:join', { showId: on.showId });
    await on.reserve(buyer, 1, 'before');
    on.postgres.freeze();
    const beats: number[] = [];
    viewer.io.on('show:version', () => beats.push(performance.now()));
    const froze = performance.now();
    const { answer, ms } = await on.measureAnswer(buyer, 2);
    expect(answer).toMatchObject({ ok: false, error: { code: 'BUSY' } });
    expect(ms).toBeLessThan(10_000);
    await delay(Math.max(0, 12_000 - (performance.now() - froze)));
    const thawed = performance.now();
    on.postgres.thaw();
    const times = [froze, ...beats, thawed];
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    expect(Math.max(...gaps)).toBeLessThan(beatMsMax);
    process.stdout.write(`served again ${Math.round(await on.waitUntilServed(0, 1900))} ms after a freeze\n`);
    await on.waitUntilServed(1, 1901);
    await expectRight(on, viewer);
  }, 120_000);
});

describe('a PostgreSQL without free connections', () => {
  it('makes reservations fail quickly with BUSY, and the service recovers as soon as connections are free', async () => {
    const on = await begin({ max_connections: '20', superuser_reserved_connections: '0' });
    const viewer = await on.connect(1);
    await viewer.ask('show:join', { showId: on.showId });
    const buyer = await on.connect(0);
    await on.reserve(buyer, 1, 'before');
    const taken = await takeAllConnections(on.postgres);
    const { answer, ms } = await on.measureAnswer(buyer, 2);
    expect(answer).toMatchObject({ ok: false, error: { code: 'BUSY' } });
    expect(ms).toBeLessThan(6000);
    expect(await viewer.next('show:version', undefined, beatMsMax)).toMatchObject({ showId: on.showId });
    for (const client of taken) await client.end();
    process.stdout.write(`served again ${Math.round(await on.waitUntilServed(0, 3))} ms after connections were free\n`);
    await expectRight(on, viewer);
  }, 120_000);
});

/** Takes all connections of the server, so that none is left for the service. */
async function takeAllConnections(postgres: PostgresServer): Promise<pg.Client[]> {
  const taken: pg.Client[] = [];
  for (;;) {
    try {
      taken.push(await postgres.connect());
    } catch {
      const [first] = taken;
      if (!first) throw new Error('no connection was available');
      await first.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'usher'`);
      // An ended connection keeps its slot for a moment, and then the service could take it. So try again until no slot
      // is left.
      const { rows } = await first.query<{ places: number }>(
        `select current_setting('max_connections')::int - case when usesuper then 0 else
           current_setting('superuser_reserved_connections')::int + current_setting('reserved_connections')::int end as places
         from pg_user where usename = current_user`,
      );
      if (taken.length >= (rows[0]?.places ?? 0)) return taken;
    }
  }
}

/** Like `describe`, but skips its tests unless root runs them, because they mount a small disk. */
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('a full disk', () => {
  let disk: string;

  beforeEach(async () => {
    disk = await PostgresServer.makeFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m,mode=755', 'tmpfs', disk]);
  });

  // Jest runs this hook before the `afterEach` hook at the top of the file. The server must stop before its disk is
  // removed.
  afterEach(async () => {
    await world?.close();
    world = null;
    execFileSync('umount', ['-l', disk]);
    await rm(disk, { recursive: true, force: true });
  });

  it('stops sales but loses no acknowledged booking, and sales continue when there is room again', async () => {
    const on = await begin({}, disk);
    const buyer = await on.connect(0);
    const tried: ReservationAttempt[] = [];
    for (let seat = 0; seat < 20; seat++) {
      const key = `seat ${seat}`;
      tried.push({ key, seat, booking: await on.reserve(buyer, seat, key) });
    }
    const filler = join(disk, 'filler');
    await fill(filler);
    // There is no room for the next write-ahead log file, so PostgreSQL stops with a PANIC.
    const client = await on.postgres.connect();
    await client.query('select pg_switch_wal()').catch(() => undefined);
    await client.end().catch(() => undefined);
    let refused = 0;
    for (let seat = 100; refused === 0; seat++) {
      const { answer, ms } = await on.measureAnswer(buyer, seat);
      expect(ms).toBeLessThan(20_000);
      if (!answer.ok) refused++;
    }
    await rm(filler);
    await on.postgres.stop('immediate');
    await on.postgres.restart();
    process.stdout.write(`served again ${Math.round(await on.waitUntilServed(0, 1900))} ms after there was room\n`);
    await expectAllThere(on, tried);
  }, 180_000);
});

asRoot('a full disk on which PostgreSQL keeps running', () => {
  it('makes a node report that it is not ready until there is room again', async () => {
    const disk = await PostgresServer.makeFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m,mode=755', 'tmpfs', disk]);
    try {
      const on = await begin({}, disk);
      const ready = () => fetch(`${on.services[0]!.url}/health/ready`);
      expect((await ready()).status).toBe(200);
      const filler = join(disk, 'filler');
      await fill(filler);
      await waitUntil(async () => (await ready()).status === 503);
      expect(await (await ready()).json()).toMatchObject({ ready: false, missing: ['database writes'] });
      await rm(filler);
      await waitUntil(async () => (await ready()).status === 200);
    } finally {
      await world?.close();
      world = null;
      execFileSync('umount', ['-l', disk]);
      await rm(disk, { recursive: true, force: true });
    }
  }, 120_000);
});

/** Appends to the file until the disk is full. */
async function fill(file: string): Promise<void> {
  const piece = Buffer.alloc(1024 * 1024);
  for (;;) {
    try {
      await writeFile(file, piece, { flag: 'a' });
    } catch (error) {
      if (String(error).includes('ENOSPC')) return; // `instanceof Error` fails: Jest has its own Error
      throw error;
    }
  }
}

describe('a failover to a synchronous standby', () => {
  it('loses no acknowledged booking, makes no booking twice, and requires no restart of a node', async () => {
    const on = await begin();
    const standby = await on.postgres.createStandby('standby');
    try {
      await followsInStep(on.postgres);
      await on.waitUntilServed(0, 1900);
      const tried = await buyThrough(on, async () => {
        await on.postgres.kill();
        const failed = performance.now();
        await standby.promote();
        on.proxy.redirectTo(standby.port);
        await on.waitUntilServed(0, 1901);
        process.stdout.write(`served again ${Math.round(performance.now() - failed)} ms after the primary died\n`);
      });
      await expectAllThere(on, tried, standby);
    } finally {
      await standby.remove();
    }
  }, 180_000);
});

/** Makes every commit wait for the standby from now on. Returns when the standby has connected. */
async function followsInStep(primary: PostgresServer): Promise<void> {
  const client = await primary.connect();
  try {
    await client.query(`alter system set synchronous_standby_names = 'standby'`);
    await client.query('select pg_reload_conf()');
    for (;;) {
      const { rows } = await client.query<{ sync_state: string }>('select sync_state from pg_stat_replication');
      if (rows[0]?.sync_state === 'sync') return;
      await delay(50); // polls, because no event announces that the standby has connected
    }
  } finally {
    await client.end();
  }
}
