import type { ShowRules } from '@usher/contract';
import type { WaitingRoom } from '../entities/index.js';
import { addDays, instantOf } from '../local-time.js';
import type { DemoHallKind } from './demo-plan.js';
import { demoPrices } from './demo-prices.js';
import { seededRandom } from './random.js';

/** A hall as the planning of its shows needs it. */
export interface ProgrammeHall {
  /** City, cinema and hall by name: what the programme is drawn from, so that it is the same in every database. */
  readonly key: string;
  readonly kind: DemoHallKind;
  readonly country: string;
  readonly timeZone: string;
  /** Tiers of its layout. */
  readonly tiers: readonly string[];
}

/** A movie as the planning needs it. */
export interface ProgrammeMovie {
  readonly id: number;
  readonly durationMinutes: number;
}

/** A planned show. */
export interface DemoShow {
  readonly movieId: number;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly currency: string;
  readonly prices: Readonly<Record<string, number>>;
  readonly saleOpensAt: Date | null;
  readonly rules: ShowRules;
  /** Null: none. */
  readonly waitingRoom: WaitingRoom | null;
}

/** Local times of day at which shows may begin. */
const starts: Readonly<Record<DemoHallKind, readonly string[]>> = {
  artHouse: ['17:15', '20:00', '22:30'],
  multiplex: ['14:30', '17:15', '20:00', '22:30'],
  palace: ['14:30', '20:00'],
};

const gapRules: Readonly<Record<DemoHallKind, ShowRules['singleSeatGap']>> = {
  artHouse: 'off',
  multiplex: 'soft',
  palace: 'soft',
};

/** The art house's late show lets in two at a time, so that three windows are enough to see a waiting room. */
const lateShow = '22:30';
const lateWaitingRoom: WaitingRoom = { mode: 'on', maxShoppers: 2, admitPerMinute: null, shopSeconds: 300 };

/** Between two shows of a hall: people leave, it is cleaned, people come. */
const turnRoundMs = 15 * 60_000;

/** The palace begins to sell this many days before a show, at ten. */
const palaceSaleDays = 10;

/**
 * A hall's programme of one calendar day of its city. It depends on the hall and the day alone, not on the day it is
 * computed on, so that days can be added later and a day is always the same.
 *
 * @param movies to choose from, not empty
 */
export function demoShowsOfDay(hall: ProgrammeHall, day: string, movies: readonly ProgrammeMovie[]): DemoShow[] {
  const random = seededRandom(`${hall.key}/${day}`);
  const shows: DemoShow[] = [];
  let free = 0;
  for (const time of starts[hall.kind]) {
    const { id: movieId, durationMinutes } = random.pick(movies);
    const startsAt = instantOf(day, time, hall.timeZone);
    // A long film takes the next start's place too.
    if (startsAt.getTime() < free) continue;
    const endsAt = new Date(startsAt.getTime() + durationMinutes * 60_000);
    free = endsAt.getTime() + turnRoundMs;
    shows.push({
      movieId,
      startsAt,
      endsAt,
      ...demoPrices(hall.country, hall.tiers, time),
      saleOpensAt: hall.kind === 'palace' ? instantOf(addDays(day, -palaceSaleDays), '10:00', hall.timeZone) : null,
      rules: { singleSeatGap: gapRules[hall.kind], maxSeatsPerSession: null, strictLine: false },
      waitingRoom: hall.kind === 'artHouse' && time === lateShow ? lateWaitingRoom : null,
    });
  }
  return shows;
}
