import { Injectable } from '@nestjs/common';
import type { Layout, Show, ShowRules } from '@usher/contract';
import { LRUCache } from 'lru-cache';
import { createNotFoundError } from '../common/domain-error.js';
import { DatabaseClock } from '../database/database-clock.js';
import { instant, toTiers } from './catalog-rows.js';
import type { WaitingRoom } from './entities/index.js';
import { saleStatus } from './sale-status.js';
import { type PlanNames, ShowCatalogRepository } from './show-catalog.repository.js';

/** What selling a show needs to know of it. Prices in the currency's minor unit, by tier. */
export interface ShowSaleTerms {
  readonly showId: number;
  readonly layoutId: number;
  /** The same object for the same `layoutId` as long as it is in memory. */
  readonly layout: Layout;
  readonly prices: Readonly<Record<string, number>>;
  readonly currency: string;
  /** Null: from the beginning. */
  readonly saleOpensAt: Date | null;
  readonly saleClosesAt: Date;
  readonly movieId: number;
  readonly hallId: number;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly termsVersion: number;
  readonly calledOff: boolean;
  readonly rules: ShowRules;
  /** Null: no waiting room. */
  readonly waitingRoom: WaitingRoom | null;
}

/** Layouts kept in memory; one of 2,000 seats takes about a megabyte. */
const layoutsMax = 100;

/** One show: its page, its layout, the terms of its sale. */
@Injectable()
export class CatalogService {
  /** Layouts never change once made, so what is in here cannot be stale. */
  private readonly layouts = new LRUCache<number, Layout>({
    max: layoutsMax,
    fetchMethod: async (layoutId) => (await this.repository.layout(layoutId)) ?? undefined,
  });

  constructor(
    private readonly repository: ShowCatalogRepository,
    private readonly clock: DatabaseClock,
  ) {}

  /** What the catalog says about selling a show; null: there is no such show. */
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
    const sale = await this.repository.sale(showId);
    if (!sale) throw createNotFoundError('show');
    return this.layout(sale.layoutId);
  }

  /** A show's page; its tiers cheapest first. @throws DomainError `NOT_FOUND` */
  async show(showId: number): Promise<Show> {
    const row = await this.repository.show(showId);
    if (!row) throw createNotFoundError('show');
    const counts = row.counts ?? { free: row.seatCount, held: 0, sold: 0, blocked: 0 };
    return {
      showId,
      movie: row.movie,
      cinema: row.cinema,
      hall: { hallId: row.hallId, name: row.hallName, layoutId: row.layoutId },
      startsAt: instant(row.startsAt),
      endsAt: instant(row.endsAt),
      tiers: toTiers(row.prices, row.currency),
      saleOpensAt: row.saleOpensAt === null ? null : instant(row.saleOpensAt),
      saleClosesAt: instant(row.saleClosesAt),
      saleStatus: saleStatus({ ...row, free: counts.free }, this.clock.now()),
      calledOff: row.calledOff,
      calledOffReason: row.calledOffReason,
      rules: row.rules,
      seatCount: row.seatCount,
      counts,
      waitingRoom: row.waitingRoom !== null && row.waitingRoom.mode !== 'off',
      termsVersion: row.termsVersion,
    };
  }

  /** The names of a movie and of a hall with its cinema; null: one of them is not there any more. */
  planNames(movieId: number, hallId: number): Promise<PlanNames | null> {
    return this.repository.planNames(movieId, hallId);
  }

  /** A layout that a show or a hall refers to. */
  async layout(layoutId: number): Promise<Layout> {
    const layout = await this.layouts.fetch(layoutId);
    if (!layout) throw new Error(`layout ${layoutId} is missing`);
    return layout;
  }
}
