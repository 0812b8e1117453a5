// The service with one hot show of 100,000 seats. With the argument `serializable`, one transaction per reservation
// replaces the lane. Sends its port to its parent.
import { readConfig } from '../../dist/config/config.js';
import { createApp } from '../../dist/service.js';
import { ShowsService } from '../../dist/shows/lane/shows.service.js';
import {
  makeHotShow,
  openPool,
  requiredSettings,
  serializableReservations,
  sessionSecret,
  unlimitedAddress,
} from './support.mjs';

const [path, url] = process.argv.slice(2);
const seatCount = 100_000;
const pool = openPool(url, 64);
const showId = await makeHotShow(pool, seatCount);
const listening = { PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'fatal' };
const env = {
  ...requiredSettings,
  ...unlimitedAddress,
  ...listening,
  DATABASE_URL: url,
  SESSION_SECRET: sessionSecret,
};
const app = await createApp(readConfig(env), url);
if (path === 'serializable') await replaceLanes(app.get(ShowsService));
// Loads the 100,000 seats before the measurement starts, because this takes half a second.
await app.get(ShowsService).lane(showId);
await app.listen(0, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
process.send({ port: app.getHttpServer().address().port, showId, seatCount });

async function replaceLanes(shows) {
  const reserve = await serializableReservations(pool, seatCount);
  shows.submit = async (_, { bookingId, sessionId, request: { seats } }) => {
    await reserve(seats);
    const at = Date.now();
    const money = { amounts: seats.map(() => 1250), currency: 'EUR' };
    const times = { createdAt: at, expiresAt: at + 300_000, firstExpiresAt: at + 300_000 };
    const rest = { status: 'reserved', substituted: false, firstVersion: 1, version: 1, usedKey: null };
    return { type: 'done', booking: { bookingId, sessionId, seats, ...money, ...times, ...rest } };
  };
}
