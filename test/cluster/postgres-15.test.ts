import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type pg from 'pg';
import { createOrmOptions } from '../../src/database/orm-options.js';
import { entities } from '../../src/mikro-orm.config.js';
import type { Service } from '../../src/service.js';
import { testEnvironment, testPool } from '../support/database.js';
import { describeWithPostgres15, Postgres15 } from '../support/postgres-15.js';
import { RestCaller } from '../support/rest.js';
import { makeShow } from '../support/show.js';
import { TestSocket } from '../support/socket.js';
import { startTestService } from '../support/service-host/start-test-service.js';

const run = promisify(execFile);

describeWithPostgres15('a service on PostgreSQL 15', () => {
  let postgres: Postgres15;
  let service: Service;
  let pool: pg.Pool;
  const sockets: TestSocket[] = [];

  beforeAll(async () => {
    postgres = await Postgres15.start();
    service = await startTestService(testEnvironment(postgres.url));
    pool = testPool(postgres.url, 2);
  }, 60_000);

  afterAll(async () => {
    for (const socket of sockets) socket.close();
    await service.close();
    await pool.end();
    await postgres.stop();
  });

  it('creates the schema, holds seats, offers released seats to the line, and answers reads', async () => {
    const { rows } = await pool.query<{ version: number }>(
      `select current_setting('server_version_num')::int / 10000 as version`,
    );
    expect(rows).toEqual([{ version: 15 }]);
    const showId = await makeShow(pool, { rows: 1, seatsPerRow: 2 });
    const buyer = await TestSocket.connect(service.url);
    const waiter = await TestSocket.connect(service.url);
    sockets.push(buyer, waiter);

    const { booking } = await buyer.ask('reservation:create', { showId, seats: [0, 1], key: 'first' });
    expect(await buyer.ask('reservation:create', { showId, seats: [0, 1], key: 'first' })).toMatchObject({ booking });
    expect(await waiter.refused('reservation:create', { showId, seats: [1] })).toMatchObject({ code: 'SEATS_TAKEN' });
    await waiter.ask('queue:join', { showId, partySize: 2 });
    await buyer.ask('reservation:release', { bookingId: booking.bookingId });
    expect((await waiter.next('queue:offer')).booking.seats.map(({ seat }) => seat)).toEqual([0, 1]);

    const caller = await RestCaller.begin(service.url);
    expect((await caller.call('GET', `/v1/shows/${showId}/seats`)).body).toMatchObject({
      counts: { free: 0, held: 2 },
    });
    expect((await caller.call('GET', `/v1/shows/${showId}`)).status).toBe(200);
    expect((await caller.call('GET', '/v1/cities?q=test')).body).toMatchObject({ items: [{ name: 'Testville' }] });
  });

  it('turns JIT off on every connection, because JIT is on by default', async () => {
    const { rows: stock } = await pool.query<{ boot_val: string }>(
      "select boot_val from pg_settings where name = 'jit'",
    );
    expect(stock).toEqual([{ boot_val: 'on' }]);
    const orm = await MikroORM.init({ ...createOrmOptions(postgres.url, entities), logger: () => undefined });
    try {
      const own = await orm.em.getConnection().getNativeClient();
      const clients = await Promise.all(Array.from({ length: 3 }, () => own.connect()));
      for (const client of clients) {
        expect((await client.query('show jit')).rows).toEqual([{ jit: 'off' }]);
        client.release();
      }
    } finally {
      await orm.close();
    }
  });

  it('generates a small catalog quickly (with JIT, each movie took 200 ms)', async () => {
    await pool.query('create database generated');
    const url = Object.assign(new URL(postgres.url), { pathname: '/generated' }).href;
    const args = ['dist/cli/generate.js', '--cities', '5', '--shows', '500', '--movies', '500'];
    const { stdout } = await run(process.execPath, args, { env: { PATH: process.env.PATH, DATABASE_URL: url } });
    expect(stdout).toContain('500 movies and 500 shows');
  }, 60_000);
});
