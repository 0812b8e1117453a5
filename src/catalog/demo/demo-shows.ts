import type { ShowRules } from '@usher/contract';
import type { WaitingRoom } from '../entities/index.js';
import { addDays, instantOf } from '../../common/local-time.js';
import type { DemoHallKind } from './demo-plan.js';
import { demoPrices } from './demo-prices.js';
import { seededRandom } from './random.js';

/** The data of a hall that the planning of shows needs. */
export interface ProgrammeHall {
  /** The names of city, cinema and hall. They seed the programme, so it is the same in every database. */
  readonly key: string;
  readonly kind: DemoHallKind;
  readonly country: string;
  readonly timeZone: string;
  /** The tiers of the hall's layout. */
  readonly tiers: readonly string[];
}

/** The data of a movie that the planning of shows needs. */
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
  /** Null if the show has no waiting room. */
  readonly waitingRoom: WaitingRoom | null;
}

/** Local times of day at which shows may start. */
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

/** The art house's late show admits two buyers at a time, so three browser windows are enough to see a waiting room. */
const lateShow = '22:30';
const lateWaitingRoom: WaitingRoom = { mode: 'on', maxShoppers: 2, admitPerMinute: null, shopSeconds: 300 };

/** Time between two shows of a hall for leaving, cleaning and entering. */
const turnaroundMs = 15 * 60_000;

/** The sale of a palace show opens this many days before the show, at 10:00. */
const palaceSaleDays = 10;

/**
 * Plans the shows of a hall for one local calendar day. The result depends only on the hall and the day, and not on the day
 * of the call. So later calls can add days, and a day is always the same.
 *
 * @param movies the movies to choose from; must not be empty
 */
export function demoShowsOfDay(hall: ProgrammeHall, day: string, movies: readonly ProgrammeMovie[]): DemoShow[] {
  const random = seededRandom(`${hall.key}/${day}`);
  const shows: DemoShow[] = [];
  let free = 0;
  for (const time of starts[hall.kind]) {
    const { id: movieId, durationMinutes } = random.pick(movies);
    const startsAt = instantOf(day, time, hall.timeZone);
    // A long film also takes the slot of the next start.
    if (startsAt.getTime() < free) continue;
    const endsAt = new Date(startsAt.getTime() + durationMinutes * 60_000);
    free = endsAt.getTime() + turnaroundMs;
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
