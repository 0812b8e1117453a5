import { expect, it } from '@jest/globals';
import { setUpApp } from '../../support/file-app.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';

const app = setUpApp({ env: { HOLD_SECONDS: '1' } });

it('expires a hold within a second after its expiry time, never earlier, and notifies every client', async () => {
  const showId = await makeShow(app.pool);
  const [buyer, viewer] = await Promise.all([TestSocket.connect(app.url), TestSocket.connect(app.url)]);
  await viewer.ask('show:join', { showId });
  const { booking } = await buyer.ask('reservation:create', { showId, seats: [1, 2] });
  const expired = { booking: { ...booking, status: 'expired', version: 2 } };
  expect(await buyer.next('booking:updated')).toEqual(expired);
  expect(await viewer.next('seats:changed', ({ free }) => free !== undefined)).toMatchObject({ free: [1, 2] });
  const { rows } = await app.pool.query<{ late: number }>(
    `select (extract(epoch from l.at - b.expires_at) * 1000)::float8 as late from show_log l, booking b
     where l.show_id = $1 and b.show_id = $1 and l.seq = 2`,
    [showId],
  );
  const { late } = rows[0]!;
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThan(1000);
  await expect(buyer.refused('reservation:release', { bookingId: booking.bookingId })).resolves.toMatchObject({
    code: 'BOOKING_STATE',
    bookingStatus: 'expired',
  });
  for (const socket of [buyer, viewer]) socket.close();
});

it('expires hundreds of holds of many shows within 250 ms of their expiry time', async () => {
  const showIds = await Promise.all(Array.from({ length: 20 }, () => makeShow(app.pool)));
  const sockets = await Promise.all(showIds.map(() => TestSocket.connect(app.url)));
  const holds = sockets.map(async (socket, index) => {
    const showId = showIds[index]!;
    for (let seat = 0; seat < 10; seat++) await socket.ask('reservation:create', { showId, seats: [seat] });
    for (let seat = 0; seat < 10; seat++) await socket.next('booking:updated');
  });
  await Promise.all(holds);
  const { rows } = await app.pool.query<{ late: number }>(
    `select (extract(epoch from max(l.at) - max(b.expires_at)) * 1000)::float8 as late
     from booking b join show_log l on l.show_id = b.show_id and l.version = b.version
     where b.show_id = any ($1) and b.status = 'expired' group by b.show_id, b.version`,
    [showIds],
  );
  const latenesses = rows.map((row) => row.late).toSorted((a, b) => a - b);
  expect(latenesses[0]).toBeGreaterThanOrEqual(0);
  expect(latenesses[Math.floor(latenesses.length * 0.99)]).toBeLessThan(250);
  for (const socket of sockets) socket.close();
});

it('expires a hold that another node stored, because a node reads due holds from the tables', async () => {
  const showId = await makeShow(app.pool);
  const viewer = await TestSocket.connect(app.url);
  await viewer.ask('show:join', { showId });
  // Puts the tables into the state in which a node leaves them if it dies right after its commit.
  await app.pool.query(
    `with taken as (
       insert into show_seat (show_id, seat, status, booking_id) values ($1, 9, 1, '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071')
     ), ledger as (update show_ledger set seq = 1, version = 1, free = 99, held = 1 where show_id = $1),
     made as (
       insert into booking (show_id, booking_id, session_id, status, seats, amounts, currency, substituted, created_at,
         expires_at, first_expires_at, first_version, version)
       select $1, '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071', '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6072', 'reserved', '{9}',
         '{1250}', 'EUR', false, now(), now() + interval '300 ms', now() + interval '300 ms', 1, 1
       returning *
     )
     insert into show_log (show_id, seq, version, at, changes)
     select $1, 1, 1, now(), jsonb_build_array(jsonb_build_object('type', 'reserved', 'booking', jsonb_build_object(
       'bookingId', booking_id, 'sessionId', session_id, 'status', status, 'seats', seats, 'amounts', amounts,
       'currency', currency, 'substituted', substituted, 'createdAt', extract(epoch from created_at) * 1000,
       'expiresAt', extract(epoch from expires_at) * 1000, 'firstExpiresAt', extract(epoch from expires_at) * 1000,
       'firstVersion', 1, 'version', 1, 'usedKey', null))) from made`,
    [showId],
  );
  expect(await viewer.next('seats:changed', ({ free }) => free !== undefined)).toMatchObject({ version: 2, free: [9] });
  viewer.close();
});
