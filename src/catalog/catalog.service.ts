import { Injectable } from '@nestjs/common';
import type { Layout, Show, ShowProtection, ShowRules } from '@usher/contract';
import { LRUCache } from 'lru-cache';
import { createNotFoundError } from '../common/domain-error.js';
import { DatabaseClock } from '../database/database-clock.js';
import { toIso } from '../database/sql-time.js';
import { EncodedAnswer } from '../transport/encoded-answer.js';
import { toTiers } from './catalog-rows.js';
import type { WaitingRoom } from './entities/index.js';
import { saleStatus } from './sale-status.js';
import { type PlanNames, ShowCatalogRepository } from './show-catalog.repository.js';

/** The sale terms of a show as the catalog stores them. The prices are per tier, in the currency's minor unit. */
export interface ShowSaleTerms {
  readonly showId: number;
  readonly layoutId: number;
  /** Shows with the same `layoutId` share one object as long as the layout is in memory. */
  readonly layout: Layout;
  readonly prices: Readonly<Record<string, number>>;
  readonly currency: string;
  /** Null if the sale has been open from the beginning. */
  readonly saleOpensAt: Date | null;
  readonly saleClosesAt: Date;
  readonly movieId: number;
  readonly hallId: number;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly termsVersion: number;
  readonly calledOff: boolean;
  readonly rules: ShowRules;
  /** Null if the show has no waiting room. */
  readonly waitingRoom: WaitingRoom | null;
  readonly protection: ShowProtection | null;
}

/** Maximum number of layouts in memory. A layout of 2,000 seats takes about 1 MB. */
const layoutsMax = 100;

/** Maximum memory of encoded layouts. A layout of 2,000 seats takes about 400 kB. */
const encodedLayoutBytesMax = 64 * 1024 * 1024;

/** Reads single shows: their details, layout and sale terms. */
@Injectable()
export class CatalogService {
  /** Layouts never change after their creation, so a cached layout is never stale. */
  private readonly layouts = new LRUCache<number, Layout>({
    max: layoutsMax,
    fetchMethod: async (layoutId) => (await this.repository.layout(layoutId)) ?? undefined,
  });

  /** The answers with layouts. Encoding and compressing 2,000 seats takes milliseconds, so it happens only once. */
  private readonly encodedLayouts = new LRUCache<number, EncodedAnswer>({
    maxSize: encodedLayoutBytesMax,
    sizeCalculation: ({ byteLength }) => byteLength,
    fetchMethod: async (layoutId) => EncodedAnswer.ofJson(await this.layout(layoutId)),
  });

  constructor(
    private readonly repository: ShowCatalogRepository,
    private readonly clock: DatabaseClock,
  ) {}

  /** Returns the sale terms of a show, or null if the show does not exist. */
  async showTerms(showId: number): Promise<ShowSaleTerms | null> {
    const sale = await this.repository.sale(showId);
    if (!sale) return null;
    return {
      ...sale,
      layout: await this.layout(sale.layoutId),
      saleOpensAt: sale.saleOpensAt === null ? null : new Date(sale.saleOpensAt),
      saleClosesAt: new Date(sale.saleClosesAt),
      startsAt: new Date(sale.startsAt),
      endsAt: new Date(sale.endsAt),
    };
  }

  /** @throws DomainError `NOT_FOUND` */
  async layoutOfShow(showId: number): Promise<Layout> {
    return this.layout(await this.layoutId(showId));
  }

  /** Returns the answer with the layout of a show. @throws DomainError `NOT_FOUND` */
  async encodedLayoutOfShow(showId: number): Promise<EncodedAnswer> {
    const layoutId = await this.layoutId(showId);
    const encoded = await this.encodedLayouts.fetch(layoutId);
    if (!encoded) throw new Error(`layout ${layoutId} is missing`);
    return encoded;
  }

  private async layoutId(showId: number): Promise<number> {
    const sale = await this.repository.sale(showId);
    if (!sale) throw createNotFoundError('show');
    return sale.layoutId;
  }

  /**
   * Returns the details of a show. Its tiers are sorted by price, the cheapest first.
   *
   * @throws DomainError `NOT_FOUND`
   */
  async show(showId: number): Promise<Show> {
    const row = await this.repository.show(showId);
    if (!row) throw createNotFoundError('show');
    const counts = row.counts ?? { free: row.seatCount, held: 0, sold: 0, blocked: 0 };
    return {
      showId,
      movie: row.movie,
      cinema: row.cinema,
      hall: { hallId: row.hallId, name: row.hallName, layoutId: row.layoutId },
      startsAt: toIso(row.startsAt),
      endsAt: toIso(row.endsAt),
      tiers: toTiers(row.prices, row.currency),
      saleOpensAt: row.saleOpensAt === null ? null : toIso(row.saleOpensAt),
      saleClosesAt: toIso(row.saleClosesAt),
      saleStatus: saleStatus({ ...row, free: counts.free }, this.clock.now()),
      calledOff: row.calledOff,
      calledOffReason: row.calledOffReason,
      rules: row.rules,
      seatCount: row.seatCount,
      counts,
      waitingRoom: row.waitingRoom !== null && row.waitingRoom.mode !== 'off',
      codeRequired: row.protection?.codeRequired ?? false,
      termsVersion: row.termsVersion,
    };
  }

  /**
   * Returns the names of a movie, a hall and the hall's cinema. Returns null if the movie or the hall no longer exists.
   */
  planNames(movieId: number, hallId: number): Promise<PlanNames | null> {
    return this.repository.planNames(movieId, hallId);
  }

  /** Returns a layout that a show or a hall refers to. */
  async layout(layoutId: number): Promise<Layout> {
    const layout = await this.layouts.fetch(layoutId);
    if (!layout) throw new Error(`layout ${layoutId} is missing`);
    return layout;
  }
}
