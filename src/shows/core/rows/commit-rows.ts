import type { ShowState } from '../state/show-state.js';
import { BookingRows } from './booking-rows.js';
import { CatalogRows } from './catalog-rows.js';
import { LineRows } from './line-rows.js';
import { SeatRows } from './seat-rows.js';
import type { CommitTables } from './show-commit.js';

/** Collects the rows that one commit writes, as plain data. The store turns them into SQL. */
export class CommitRows {
  readonly bookings = new BookingRows();
  readonly catalog = new CatalogRows();
  readonly seats: SeatRows;
  private lineRows: LineRows | null = null;

  /**
   * @param before the show before the commit
   * @param at the time of the commit
   */
  constructor(
    private readonly before: ShowState,
    private readonly at: number,
  ) {
    this.seats = new SeatRows(before.seats);
  }

  /** Created on the first use, because most commits have nothing for the lines. */
  get lines(): LineRows {
    return (this.lineRows ??= new LineRows(this.before, this.at));
  }

  /** @param linesDueAt when the next time-driven change to the lines is due, in ms since 1970; null if there is none */
  toTables(linesDueAt: number | null): CommitTables {
    const { bookings, seats } = this;
    return {
      added: bookings.added,
      ended: bookings.ended,
      seats: seats.changes(),
      counts: seats.countsAfter(this.before.counts),
      catalog: this.catalog.toCommit(),
      lines: this.lineRows?.toCommit(linesDueAt) ?? null,
      payments: bookings.payments,
    };
  }
}
