import { describe, expect, it } from '@jest/globals';
import { endpoints, type Layout } from '@usher/contract';
import { CatalogClient, formatLocalDay } from '../../support/catalog-client.js';
import { manyCalls, setUpApp } from '../../support/file-app.js';

const app = setUpApp({ demo: true, env: manyCalls });
const catalog = new CatalogClient(app);

describe('a show', () => {
  it('has the same details when it is read on its own and in a list of showtimes', async () => {
    const listed = await catalog.findShowOnSale();
    const details = await catalog.readShow(listed.showId);
    expect(details).toMatchObject({
      startsAt: listed.startsAt,
      saleClosesAt: listed.startsAt,
      seatCount: listed.seatCount,
      saleStatus: 'open',
      calledOff: false,
      waitingRoom: false,
      counts: { free: listed.seatCount, held: 0, sold: 0, blocked: 0 },
      cinema: { cinemaId: listed.cinemaId },
      movie: { movieId: listed.movieId },
      hall: { name: listed.hallName },
    });
  });

  it('has exactly one price for each tier of its layout', async () => {
    const { showId } = await catalog.findShowOnSale();
    const { tiers, hall, seatCount } = await catalog.readShow(showId);
    const layout = await catalog.read<Layout>(`/v1/shows/${showId}/layout`, endpoints.getLayout.answer);
    expect(layout).toMatchObject({ layoutId: hall.layoutId, seatCount });
    expect(layout.seats).toHaveLength(seatCount);
    expect(tiers.map(({ tier }) => tier).toSorted()).toEqual(
      [...new Set(layout.seats.map(({ tier }) => tier))].toSorted(),
    );
  });

  it('has the seat counts of the ledger, and a sale status that depends on these counts', async () => {
    const { showId, seatCount, startsAt, cinemaId } = await catalog.findShowOnSale();
    const { cinema } = await catalog.readShow(showId);
    const readListing = async () => {
      const groups = await catalog.listShowtimesOfCinema(
        cinemaId,
        `?date=${formatLocalDay(startsAt, cinema.timeZone)}`,
      );
      return groups.flatMap(({ shows }) => shows).find((other) => other.showId === showId);
    };
    for (const [free, saleStatus] of [
      [seatCount - 20, 'open'],
      [3, 'few'],
      [0, 'full'],
    ] as const) {
      const held = seatCount - free - 5;
      await app.pool.query(
        `insert into show_ledger (show_id, free, held, sold, blocked) values ($1, $2, $3, 4, 1)
         on conflict (show_id) do update set free = excluded.free, held = excluded.held`,
        [showId, free, held],
      );
      expect(await catalog.readShow(showId)).toMatchObject({ counts: { free, held, sold: 4, blocked: 1 }, saleStatus });
      expect(await readListing()).toMatchObject({ free, saleStatus });
    }
    await app.pool.query('delete from show_ledger where show_id = $1', [showId]);
  });

  it('is upcoming before its sale, and closed after its sale or once it is called off', async () => {
    const { showId, cinemaId } = await catalog.findShowOnSale();
    const setColumn = (column: string, value: string) =>
      app.pool.query(`update show set ${column} = ${value} where id = $1`, [showId]);

    await setColumn('sale_opens_at', "now() + interval '1 hour'");
    expect((await catalog.readShow(showId)).saleStatus).toBe('upcoming');
    await setColumn('sale_opens_at', 'null');
    await setColumn('sale_closes_at', "now() - interval '1 second'");
    expect((await catalog.readShow(showId)).saleStatus).toBe('closed');
    await setColumn('sale_closes_at', 'starts_at');
    expect((await catalog.readShow(showId)).saleStatus).toBe('open');
    await setColumn('called_off_at', 'now()');
    expect(await catalog.readShow(showId)).toMatchObject({ saleStatus: 'closed', calledOff: true });
    const lines = (await catalog.listShowtimesOfCinema(cinemaId)).flatMap(({ shows }) => shows);
    expect(lines.find((line) => line.showId === showId)).toMatchObject({ saleStatus: 'closed' });
    await setColumn('called_off_at', 'null');
  });

  it('keeps the layout with which it was planned when its hall gets a new layout', async () => {
    const { showId } = await catalog.findShowOnSale();
    const { hall } = await catalog.readShow(showId);
    await app.pool.query('update hall set layout_id = (select max(id) from layout where id <> $2) where id = $1', [
      hall.hallId,
      hall.layoutId,
    ]);
    expect((await catalog.readShow(showId)).hall.layoutId).toBe(hall.layoutId);
    await app.pool.query('update hall set layout_id = $2 where id = $1', [hall.hallId, hall.layoutId]);
  });
});
