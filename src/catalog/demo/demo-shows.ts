import type { ShowRules } from '@usher/contract';
import type { WaitingRoom } from '../entities/index.js';
import { addDays, instantOf } from '../../common/local-time.js';
import type { DemoHallKind } from './demo-plan.js';
import { demoPrices } from './demo-prices.js';
import { seededRandom } from './random.js';

/** The facts about a hall that are needed to plan its shows. */
export interface ProgrammeHall {
  /**
   * The names of city, cinema and hall. They are the seed of the programme, so the programme is the same in every
   * database.
   */
  readonly key: string;
  readonly kind: DemoHallKind;
  readonly country: string;
  readonly timeZone: string;
  /** The tiers of the hall's layout. */
  readonly tiers: readonly string[];
}

/** The facts about a movie that are needed to plan shows. */
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

/**
 * The waiting room of the art house's late show lets in only two buyers at once. So three browser windows are enough to
 * see it at work.
 */
const lateShow = '22:30';
const lateWaitingRoom: WaitingRoom = { mode: 'on', maxShoppers: 2, admitPerMinute: null, shopSeconds: 300 };

/** Time between two shows in a hall, in which one audience leaves, the hall is cleaned and the next audience enters. */
const turnaroundMs = 15 * 60_000;

/** The sale of a palace show opens this many days before the show, at 10:00. */
const palaceSaleDays = 10;

/**
 * Plans the shows of a hall for one local calendar day. The result depends only on the arguments and not on the time of
 * the call. So later calls can add days, and the shows of a day are always the same.
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
    // After a long film, the hall can still be in use at this start time. In that case, there is no show.
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
