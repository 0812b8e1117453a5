import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import { makeShow } from '../support/show.js';
import { Buyer } from './buyer.js';
import type { Dice } from './dice.js';
import type { ChaosShow, Recorder } from './history.js';
import type { Door } from './recorded-socket.js';

/** A show that there is enough of, one that everybody has to wait for, one whose line is strict, one with a waiting room. */
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

/** How long the buyers may take to come back when every fault is over. */
const settleMsMax = 25_000;

/** How long the shows may take to come to rest: the last holds have to run out. */
const restMsMax = 30_000;

/** All buyers of a run. */
export class Crowd {
  private readonly buyers: readonly Buyer[];
  private readonly stop = new AbortController();
  private lives: Promise<void>[] = [];

  /** @param doors the ways in; each buyer takes one of them at random whenever it connects */
  constructor(
    size: number,
    private readonly shows: readonly ChaosShow[],
    doors: readonly Door[],
    dice: Dice,
    private readonly recorder: Recorder,
  ) {
    this.buyers = Array.from({ length: size }, (_, index) => {
      const own = dice.stream(`buyer ${index}`);
      const world = { shows, recorder, door: () => own.pick(doors) };
      return new Buyer(`buyer-${index}`, world, own, shows[index % shows.length]!);
    });
  }

  /** Lets them in. */
  begin(): void {
    this.lives = this.buyers.map((buyer) => buyer.live(this.stop.signal));
  }

  /**
   * Stops them, waits until nothing changes any more and the time is over that a map may take to be right, and writes
   * down every buyer's.
   */
  async settle(pool: Pool, rightWithinMs: number): Promise<void> {
    this.stop.abort();
    await Promise.all(this.lives);
    const deadline = performance.now() + settleMsMax;
    let isAtRest: boolean;
    do {
      await Promise.all(this.buyers.map((buyer) => buyer.settle(deadline)));
      isAtRest = await this.untilAtRest(pool, rightWithinMs);
      // A node that was told to stop before the end may have sent somebody away after they had settled.
    } while (this.buyers.some((buyer) => !buyer.isThere) && performance.now() < deadline);
    this.recorder.record({ kind: 'settled', isAtRest });
    for (const buyer of this.buyers) buyer.recordMap();
  }

  close(): void {
    this.stop.abort();
    for (const buyer of this.buyers) buyer.close();
  }

  private async untilAtRest(pool: Pool, rightWithinMs: number): Promise<boolean> {
    const giveUp = performance.now() + restMsMax;
    let [last, since] = ['', performance.now()];
    while (performance.now() - since < rightWithinMs && performance.now() < giveUp) {
      const { rows } = await pool.query<{ seqs: string }>(
        `select string_agg(show_id || ':' || version, ' ' order by show_id) as seqs from show_ledger
         where show_id = any ($1)`,
        [this.shows.map(({ showId }) => showId)],
      );
      const now = rows[0]?.seqs ?? '';
      if (now !== last) [last, since] = [now, performance.now()];
      await delay(100); // the tables have no event for "nothing happened"
    }
    return performance.now() - since >= rightWithinMs;
  }
}
