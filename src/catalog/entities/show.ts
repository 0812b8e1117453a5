import { defineEntity, p } from '@mikro-orm/core';
import type { ShowProtection, ShowRules } from '@usher/contract';
import { Hall } from './hall.js';
import { Layout } from './layout.js';
import { Movie } from './movie.js';

/**
 * Settings of a show's waiting room. In the mode `auto`, the waiting room opens when more than `maxShoppers` sessions
 * are in the show.
 */
export interface WaitingRoom {
  mode: 'off' | 'on' | 'auto';
  maxShoppers: number;
  admitPerMinute: number | null;
  shopSeconds: number | null;
}

const ShowSchema = defineEntity({
  name: 'Show',
  tableName: 'show',
  indexes: [
    {
      name: 'show_movie_id_starts_at',
      expression:
        'create index show_movie_id_starts_at on show (movie_id, starts_at) include (cinema_id, called_off_at)',
    },
    {
      name: 'show_cinema_id_starts_at',
      expression:
        'create index show_cinema_id_starts_at on show (cinema_id, starts_at) include (movie_id, called_off_at)',
    },
    { name: 'show_hall_id_starts_at', properties: ['hall', 'startsAt'] },
    {
      name: 'show_one_at_a_time',
      expression:
        'alter table show add constraint show_one_at_a_time exclude using gist ' +
        '(hall_id with =, tstzrange(starts_at, ends_at) with &&) where (called_off_at is null)',
    },
  ],
  properties: {
    id: p.integer().primary().generated('by default as identity').name('id'),
    /** The id of the row in the source system of the import; null if the row was not imported. */
    externalRef: p.text().nullable().unique('show_external_ref').name('external_ref'),
    movie: () => p.manyToOne(Movie).name('movie_id').index(false),
    hall: () => p.manyToOne(Hall).name('hall_id').index(false),
    /** The layout that the hall had when the show was planned. */
    layout: () => p.manyToOne(Layout).name('layout_id').index('show_layout_id'),
    startsAt: p.datetime(3).name('starts_at'),
    endsAt: p.datetime(3).name('ends_at'),
    /** ISO-4217. */
    currency: p.string().length(3).name('currency'),
    /** Prices by tier, in the currency's minor unit. Every tier of the layout has a price. */
    prices: p.json().$type<Record<string, number>>().name('prices'),
    /** Null if the sale has been open from the beginning. */
    saleOpensAt: p.datetime(3).nullable().name('sale_opens_at'),
    saleClosesAt: p.datetime(3).name('sale_closes_at'),
    rules: p.json().$type<ShowRules>().name('rules'),
    /** Null if the show has no waiting room. */
    waitingRoom: p.json().$type<WaitingRoom>().nullable().name('waiting_room'),
    /** Null if the show has the protection of the settings. */
    protection: p.json().$type<ShowProtection>().nullable().name('protection'),
    calledOffAt: p.datetime(3).nullable().name('called_off_at'),
    calledOffReason: p.text().nullable().name('called_off_reason'),
    termsVersion: p
      .integer()
      .name('terms_version')
      .default(0)
      .comment('number of changes of the terms; the lane of the show writes it'),
    cinemaId: p.integer().name('cinema_id').default(0).comment('the cinema of the hall; triggers write it'),
    /** The id of a PostgreSQL transaction (`xid8`). */
    addedIn: p
      .string()
      .columnType('xid8')
      .name('added_in')
      .defaultRaw('pg_current_xact_id()')
      .comment('the transaction that added the show, so that all pages of a search see the same shows'),
  },
});

/**
 * A show: a movie in a hall at a time, with its sale terms. Its sold seats are recorded in the ledger, not in this
 * table.
 */
export class Show extends ShowSchema.class {}
ShowSchema.setClass(Show);
