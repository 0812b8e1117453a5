import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import { makeShow } from '../support/show.js';
import { Buyer } from './buyer.js';
import type { Dice } from './dice.js';
import type { ChaosShow, Recorder } from './history.js';
import type { Entrance } from './recorded-socket.js';

/** Makes four shows: a large one, a small one, a smaller one with a strict line, and one with metered entry. */
export async function makeShows(pool: Pool): Promise<ChaosShow[]> {
  const plain = await makeShow(pool, { rows: 6, seatsPerRow: 10 });
  const small = await makeShow(pool, { rows: 2, seatsPerRow: 6 });
  const strict = await makeShow(pool, { rows: 1, seatsPerRow: 8, rules: { strictLine: true } });
  const metered = await makeShow(pool, {
    rows: 3,
    seatsPerRow: 8,
    waitingRoom: { mode: 'on', maxShoppers: 3, shopSeconds: 4 },
  });
  return [
    { showId: plain, seatCount: 60, shoppersMax: null, isStrict: false },
    { showId: small, seatCount: 12, shoppersMax: null, isStrict: false },
    { showId: strict, seatCount: 8, shoppersMax: null, isStrict: true },
    { showId: metered, seatCount: 24, shoppersMax: 3, isStrict: false },
  ];
}

/** Maximum time until all buyers are connected and settled after the last fault. */
const settleMsMax = 25_000;

/** Maximum time until the shows stop changing, which they do only after the last holds have expired. */
const restMsMax = 30_000;

/** All buyers of a run. */
export class Crowd {
  private readonly buyers: readonly Buyer[];
  private readonly stop = new AbortController();
  private runs: Promise<void>[] = [];

  /** @param entrances all entrances; each buyer picks a random one for every connection */
  constructor(
    size: number,
    private readonly shows: readonly ChaosShow[],
    entrances: readonly Entrance[],
    dice: Dice,
    private readonly recorder: Recorder,
  ) {
    this.buyers = Array.from({ length: size }, (_, index) => {
      const own = dice.stream(`buyer ${index}`);
      const world = { shows, recorder, entrance: () => own.pick(entrances) };
      return new Buyer(`buyer-${index}`, world, own, shows[index % shows.length]!);
    });
  }

  /** Starts all buyers. */
  start(): void {
    this.runs = this.buyers.map((buyer) => buyer.run(this.stop.signal));
  }

  /**
   * Stops the random actions of all buyers. Waits until no show has changed for `correctMapMs`, the time within which
   * every map must become correct. Then records the last map of every buyer.
   */
  async settle(pool: Pool, correctMapMs: number): Promise<void> {
    this.stop.abort();
    await Promise.all(this.runs);
    const deadline = performance.now() + settleMsMax;
    let isAtRest: boolean;
    do {
      await Promise.all(this.buyers.map((buyer) => buyer.settle(deadline)));
      isAtRest = await this.waitUntilAtRest(pool, correctMapMs);
      // A node that shut down late may have disconnected a buyer after that buyer had settled.
    } while (this.buyers.some((buyer) => !buyer.isSettled) && performance.now() < deadline);
    this.recorder.record({ kind: 'settled', isAtRest });
    for (const buyer of this.buyers) buyer.recordMap();
  }

  close(): void {
    this.stop.abort();
    for (const buyer of this.buyers) buyer.close();
  }

  private async waitUntilAtRest(pool: Pool, correctMapMs: number): Promise<boolean> {
    const giveUp = performance.now() + restMsMax;
    let [last, since] = ['', performance.now()];
    while (performance.now() - since < correctMapMs && performance.now() < giveUp) {
      const { rows } = await pool.query<{ seqs: string }>(
        `select string_agg(show_id || ':' || version, ' ' order by show_id) as seqs from show_ledger
         where show_id = any ($1)`,
        [this.shows.map(({ showId }) => showId)],
      );
      const now = rows[0]?.seqs ?? '';
      if (now !== last) [last, since] = [now, performance.now()];
      await delay(100); // polls, because no event announces that nothing changes
    }
    return performance.now() - since >= correctMapMs;
  }
}
