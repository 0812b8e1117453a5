import { Injectable } from '@nestjs/common';
import type { Layout, Show, ShowRules } from '@usher/contract';
import { LRUCache } from 'lru-cache';
import { notFound } from '../common/domain-error.js';
import { DatabaseClock } from '../database/database-clock.js';
import { instant } from './catalog-rows.js';
import type { WaitingRoom } from './entities/index.js';
import { saleStatus } from './sale-status.js';
import { ShowCatalogRepository } from './show-catalog.repository.js';

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
  readonly startsAt: Date;
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
    };
  }

  /** @throws DomainError `NOT_FOUND` */
  async layoutOfShow(showId: number): Promise<Layout> {
    const sale = await this.repository.sale(showId);
    if (!sale) throw notFound('show');
    return this.layout(sale.layoutId);
  }

  /** A show's page; its tiers cheapest first. @throws DomainError `NOT_FOUND` */
  async show(showId: number): Promise<Show> {
    const row = await this.repository.show(showId);
    if (!row) throw notFound('show');
    const counts = row.counts ?? { free: row.seatCount, held: 0, sold: 0, blocked: 0 };
    const tiers = Object.entries(row.prices)
      .map(([tier, amount]) => ({ tier, price: { amount, currency: row.currency } }))
      .toSorted((a, b) => a.price.amount - b.price.amount || (a.tier < b.tier ? -1 : 1));
    return {
      showId,
      movie: row.movie,
      cinema: row.cinema,
      hall: { hallId: row.hallId, name: row.hallName, layoutId: row.layoutId },
      startsAt: instant(row.startsAt),
      endsAt: instant(row.endsAt),
      tiers,
      saleOpensAt: row.saleOpensAt === null ? null : instant(row.saleOpensAt),
      saleClosesAt: instant(row.saleClosesAt),
      saleStatus: saleStatus({ ...row, free: counts.free }, this.clock.now()),
      calledOff: row.calledOff,
      rules: row.rules,
      seatCount: row.seatCount,
      counts,
      waitingRoom: row.waitingRoom !== null && row.waitingRoom.mode !== 'off',
    };
  }

  /** Marks a show as called off; one that is stays so, with its first reason. */
  callOff(showId: number, reason: string): Promise<void> {
    return this.repository.callOff(showId, reason);
  }

  /** A layout that a show or a hall refers to. */
  async layout(layoutId: number): Promise<Layout> {
    const layout = await this.layouts.fetch(layoutId);
    if (!layout) throw new Error(`layout ${layoutId} is missing`);
    return layout;
  }
}
