import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { Poller } from '../common/poller.js';
import { RealtimeGateway } from '../realtime/index.js';
import { type EndStaysCommand, LineRepository, PresenceRepository, ShowsService, ShowTending } from '../shows/index.js';
/** A session whose sockets have been gone for so long is inside no longer; nor is one that never came. */
const goneMs = 30_000;

/** How often the sessions of open sockets are marked as here. */
const markMs = 10_000;

/** How often old marks are thrown away. */
const forgetMs = 60 * 60 * 1000;

/** How often marks are written, and gone sessions looked for. */
const lookMs = 500;

/** A look is for those who are gone since a moment ago; one in so many ms is for all who are. */
const recentMs = 10_000;
const thoroughMs = 30_000;

/** Old idempotency keys that one statement deletes. */
const keysAtOnce = 1000;

interface Visit {
  readonly showId: number;
  readonly sessionId: string;
}

/**
 * Knows who is still there of those inside shows whose entry is metered. Each node marks in the tables whom it sees;
 * who was seen by none for {@link goneMs} makes room for the next in line.
 */
@Injectable()
export class PresenceService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(PresenceService.name);
  private readonly subscriptions: Subscription[] = [];
  private readonly looks = new Poller(
    () => this.look(),
    (error) => this.logger.error({ err: error }, 'presence could not be looked at'),
    lookMs,
  );
  // A failure asks for a thorough look, and that one must find the show free to be seen to: the looks are pause enough.
  private readonly ending = new ShowTending(2, 0, (showId, error) =>
    this.logger.error({ showId, err: error }, 'the stays of a show could not be ended'),
  );
  private visits = new Map<string, Visit>();
  private departures = new Map<string, Visit>();
  private markedAt = -Infinity;
  /** Since when every session that is here was marked in time. */
  private markingSince = 0;
  private forgotAt = -Infinity;
  private thoroughAt = -Infinity;

  constructor(
    private readonly shows: ShowsService,
    private readonly presence: PresenceRepository,
    private readonly lines: LineRepository,
    private readonly realtime: RealtimeGateway,
  ) {}

  onApplicationBootstrap(): void {
    this.markingSince = performance.now();
    this.subscriptions.push(
      this.shows.visits.subscribe((visit) => this.visits.set(keyOf(visit), visit)),
      this.realtime.departures.subscribe(({ showId, sessionId, isChosen }) => {
        const visit = { showId, sessionId };
        if (isChosen) void this.leave(visit);
        else this.departures.set(keyOf(visit), visit);
      }),
    );
    this.looks.start();
  }

  async onModuleDestroy(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    await this.looks.stop();
    await this.ending.ended();
  }

  private async look(): Promise<number> {
    try {
      await this.mark();
      // After a start, or a while without the database, everybody has the time that they have after a lost connection.
      if (performance.now() - this.markingSince > goneMs) await this.endStays();
      if (performance.now() - this.forgotAt > forgetMs) await this.forget();
    } catch (error) {
      this.markingSince = performance.now();
      this.markedAt = -Infinity;
      this.thoroughAt = -Infinity;
      throw error;
    }
    return lookMs;
  }

  private async mark(): Promise<void> {
    const { visits, departures } = this;
    this.visits = new Map();
    this.departures = new Map();
    const isFull = performance.now() - this.markedAt >= markMs;
    try {
      if (isFull) await this.addSocketsInView(visits);
      await this.write(visits, departures);
    } catch (error) {
      // With the next mark: who only calls over REST is seen by nothing else.
      this.visits = new Map([...visits, ...this.visits]);
      throw error;
    }
    if (isFull) this.markedAt = performance.now();
  }

  private async write(visits: ReadonlyMap<string, Visit>, departures: ReadonlyMap<string, Visit>): Promise<void> {
    const left = [...departures.values()].filter((visit) => !visits.has(keyOf(visit)));
    const metered = await this.inside(left);
    if (metered.length > 0) await this.presence.mark(metered, goneMs);
    // Until the next mark and the whole wait after it: a node that dies takes nobody's time away.
    if (visits.size > 0) await this.presence.mark([...visits.values()], markMs + goneMs);
  }

  private async forget(): Promise<void> {
    await this.presence.deleteOldMarks();
    while ((await this.lines.deleteOldKeys(keysAtOnce)) === keysAtOnce);
    this.forgotAt = performance.now();
  }

  private async addSocketsInView(visits: Map<string, Visit>): Promise<void> {
    for (const showId of this.realtime.showsInView()) {
      const { terms, state } = await this.shows.lane(showId);
      if (terms.waitingRoom === null) continue;
      for (const sessionId of this.realtime.sessionsInShow(showId)) {
        const visit = { showId, sessionId };
        if (state.inside.shoppers.has(sessionId)) visits.set(keyOf(visit), visit);
      }
    }
  }

  private async inside(visits: readonly Visit[]): Promise<Visit[]> {
    const found = await Promise.all(
      visits.map(async ({ showId, sessionId }) => (await this.shows.lane(showId)).state.inside.shoppers.has(sessionId)),
    );
    return visits.filter((_, index) => found[index]);
  }

  private async endStays(): Promise<void> {
    const isThorough = performance.now() - this.thoroughAt >= thoroughMs;
    // Before the reading: what fails during it has to be looked for once more.
    if (isThorough) this.thoroughAt = performance.now();
    const gone = await this.presence.abandonedStays(goneMs, isThorough ? null : recentMs);
    const byShow = Map.groupBy(gone, ({ showId }) => showId);
    for (const [showId, sessions] of byShow) {
      this.ending.begin(showId, () => this.endStaysOf(showId, sessions));
    }
  }

  private async endStaysOf(showId: number, sessions: EndStaysCommand['sessions']): Promise<void> {
    try {
      await this.shows.submit(showId, { type: 'endStays', sessions });
    } catch (error) {
      // They may be gone for longer than a moment when the show can be had.
      this.thoroughAt = -Infinity;
      throw error;
    }
  }

  /** The session closed the show: its stay ends now. */
  private async leave({ showId, sessionId }: Visit): Promise<void> {
    try {
      const { state } = await this.shows.lane(showId);
      const shopper = state.inside.shoppers.get(sessionId);
      if (!shopper) return;
      const stay = { sessionId, admittedAt: shopper.admittedAt, appeared: true };
      await this.shows.submit(showId, { type: 'endStays', sessions: [stay] });
    } catch (error) {
      // It will be found gone in the tables.
      this.logger.warn({ showId, err: error }, 'a stay could not be ended');
    }
  }
}

const keyOf = ({ showId, sessionId }: Visit): string => `${showId} ${sessionId}`;
