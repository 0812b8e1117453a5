import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { clientEvents, decodeSeats, SeatStatus } from '@usher/contract';
import type pg from 'pg';
import type { Service } from '../../src/service.js';
import { validate } from '../support/contract-shapes.js';
import {
  createEmptyDatabase,
  createTestDatabase,
  type TestDatabase,
  testEnvironment,
  testPool,
} from '../support/database.js';
import { PgBouncer } from '../support/pgbouncer.js';
import { makeShow } from '../support/show.js';
import { TestSocket } from '../support/socket.js';
import { describeWith, pgBouncer } from '../support/describe-with.js';
import { startTestService } from '../support/service-host/start-test-service.js';

/** Number of database connections that two nodes share. Without PgBouncer, each node would open ten. */
const poolSize = 3;

const run = promisify(execFile);

describeWith(pgBouncer)('a service behind PgBouncer in transaction mode', () => {
  let database: TestDatabase;
  let bouncer: PgBouncer;
  let pool: pg.Pool;
  const services: Service[] = [];
  const sockets: TestSocket[] = [];

  beforeAll(async () => {
    database = await createTestDatabase({ demo: false });
    bouncer = await PgBouncer.start(database.url, poolSize);
    pool = testPool(database.url, 2);
    for (let node = 0; node < 2; node++) {
      services.push(await startTestService(testEnvironment(bouncer.url, { DATABASE_PREPARE: 'false' })));
    }
  }, 60_000);

  afterAll(async () => {
    for (const socket of sockets) socket.close();
    await Promise.all(services.map((service) => service.close()));
    await pool.end();
    await bouncer.stop();
    await database.drop();
  });

  const connectAll = async (count: number): Promise<TestSocket[]> => {
    const connecting = Array.from({ length: count }, (_, at) =>
      TestSocket.connect(services[at % services.length]!.url),
    );
    const connected = await Promise.all(connecting);
    sockets.push(...connected);
    return connected;
  };

  it('sells every seat once, although the transactions of its two nodes share three connections', async () => {
    const showId = await makeShow(pool, { rows: 4, seatsPerRow: 10 });
    const buyers = await connectAll(30);
    const answers = await Promise.all(
      buyers.map((buyer) => buyer.send('reservation:create', { showId, best: { count: 2 } })),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(20);
    const refusals = answers.flatMap((answer) => (answer.ok ? [] : [answer.error.code]));
    expect(new Set(refusals)).toEqual(new Set(['SHOW_FULL']));

    const viewer = buyers[1]!;
    const joined = await viewer.joinOpen(showId);
    expect(new Set(decodeSeats(joined.seats, joined.seatCount))).toEqual(new Set([SeatStatus.held]));
    // Lines work through PgBouncer, too.
    const { queue } = await viewer.ask('queue:join', { showId, partySize: 2 });
    expect(queue).toMatchObject({ line: 'seats', ahead: 0 });
    const winner = answers.findIndex(({ ok }) => ok);
    const { booking } = validate(clientEvents['reservation:create'].answer, answers[winner]);
    await buyers[winner]!.ask('reservation:release', { bookingId: booking.bookingId });
    expect((await viewer.next('queue:offer')).booking.seats).toHaveLength(2);

    // Reads a setting on each of PgBouncer's connections. Each open transaction has a connection of its own, so open
    // transactions use all of the connections at once.
    const clients = testPool(bouncer.url, poolSize);
    const held = await Promise.all(Array.from({ length: poolSize }, () => clients.connect()));
    await Promise.all(held.map((client) => client.query('begin')));
    const settings = await Promise.all(held.map((client) => client.query<{ jit: string }>('show jit')));
    await Promise.all(held.map((client) => client.query('commit')));
    for (const client of held) client.release();
    await clients.end();
    expect(settings.map(({ rows: [row] }) => row?.jit)).toEqual(['off', 'off', 'off']);

    const { rows } = await pool.query<{ connections: number }>(
      `select count(*)::int as connections from pg_stat_activity
       where datname = current_database() and application_name = 'usher'`,
    );
    expect(rows[0]!.connections).toBeLessThanOrEqual(poolSize);
  });
});

describeWith(pgBouncer)('npm run migrate', () => {
  let database: TestDatabase;
  let bouncer: PgBouncer;

  beforeAll(async () => {
    database = await createEmptyDatabase();
    bouncer = await PgBouncer.start(database.url, 2);
  });

  afterAll(async () => {
    await bouncer.stop();
    await database.drop();
  });

  it('migrates once if several processes run it at the same time, even if they share two connections', async () => {
    const env = { PATH: process.env.PATH, DATABASE_URL: bouncer.url };
    const migrating = Array.from({ length: 3 }, () => run(process.execPath, ['dist/cli/migrate.js'], { env }));
    const outputs = (await Promise.all(migrating)).map(({ stdout }) => stdout.split(/[:.]/)[0]);
    expect(outputs.filter((line) => line === 'Migrated')).toHaveLength(1);
    expect(outputs.filter((line) => line === 'The schema is up to date')).toHaveLength(2);
  }, 60_000);

  it('names the missing setting and exits with code 1', async () => {
    const failing = run(process.execPath, ['dist/cli/migrate.js'], { env: { PATH: process.env.PATH } });
    await expect(failing).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('DATABASE_URL is missing'),
    });
  });
});
