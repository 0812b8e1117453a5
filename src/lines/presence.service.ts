import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { Poller } from '../common/poller.js';
import { RealtimeGateway } from '../realtime/index.js';
import { type EndStaysCommand, LineRepository, PresenceRepository, ShowsService, ShowTasks } from '../shows/index.js';

/** A session without open sockets loses its stay after this time. So does a session that never opens a socket. */
const presenceTimeoutMs = 30_000;

/** How often a node marks the sessions of all its open sockets as present. */
const markIntervalMs = 10_000;

/** How often a node deletes old marks and old idempotency keys of joins. */
const cleanupIntervalMs = 60 * 60 * 1000;

/** How often a node writes new marks and looks for abandoned stays. */
const pollIntervalMs = 500;

/** Most polls look only for sessions whose presence ended less than this time ago. */
const recentMs = 10_000;

/** How often a poll checks all stays. */
const fullScanIntervalMs = 30_000;

/** Maximum number of idempotency keys that one statement deletes. */
const keysPerDeleteMax = 1000;

interface SessionInShow {
  readonly showId: number;
  readonly sessionId: string;
}

const keyOf = ({ showId, sessionId }: SessionInShow): string => `${showId} ${sessionId}`;

/**
 * Ends the stays of sessions that are no longer present in a metered show. In the tables, each node marks the sessions
 * that it sees. If no node has marked a session for {@link presenceTimeoutMs}, its stay ends and the next waiter is
 * admitted.
 */
@Injectable()
export class PresenceService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(PresenceService.name);
  private readonly subscriptions: Subscription[] = [];
  private readonly poller = new Poller(
    () => this.poll(),
    (error) => this.logger.error({ err: error }, 'presence poll failed; retrying'),
    pollIntervalMs,
  );
  // There is no retry pause, because after a failure the next poll scans all stays and must be able to start the show's
  // task again.
  private readonly tasks = new ShowTasks(2, 0, (showId, error) =>
    this.logger.error({ showId, err: error }, 'could not end abandoned stays; retrying'),
  );
  /** Sessions that this node has seen since the last mark. */
  private seen = new Map<string, SessionInShow>();
  /** Sessions that lost a connection since the last mark. */
  private disconnected = new Map<string, SessionInShow>();
  /** The times below are milliseconds of `performance.now()`. */
  private fullMarkAt = -Infinity;
  /** The time since which this node has written all its marks on schedule. */
  private isMarkingSince = 0;
  private cleanupAt = -Infinity;
  private fullScanAt = -Infinity;

  constructor(
    private readonly shows: ShowsService,
    private readonly presence: PresenceRepository,
    private readonly lines: LineRepository,
    private readonly realtime: RealtimeGateway,
  ) {}

  onApplicationBootstrap(): void {
    this.isMarkingSince = performance.now();
    this.subscriptions.push(
      this.shows.sessionsSeen.subscribe((session) => this.seen.set(keyOf(session), session)),
      this.realtime.departures.subscribe(({ showId, sessionId, isChosen }) => {
        const session = { showId, sessionId };
        if (isChosen) void this.endStayNow(session);
        else this.disconnected.set(keyOf(session), session);
      }),
    );
    this.poller.start();
  }

  async onModuleDestroy(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    await this.poller.stop();
    await this.tasks.finish();
  }

  private async poll(): Promise<number> {
    try {
      await this.mark();
      // After a start or a failed poll, every session first gets the full presence timeout, because marks may be
      // missing.
      if (performance.now() - this.isMarkingSince > presenceTimeoutMs) await this.endAbandonedStays();
      if (performance.now() - this.cleanupAt > cleanupIntervalMs) await this.cleanUp();
    } catch (error) {
      this.isMarkingSince = performance.now();
      this.fullMarkAt = -Infinity;
      this.fullScanAt = -Infinity;
      throw error;
    }
    return pollIntervalMs;
  }

  private async mark(): Promise<void> {
    const { seen, disconnected } = this;
    this.seen = new Map();
    this.disconnected = new Map();
    const isFull = performance.now() - this.fullMarkAt >= markIntervalMs;
    try {
      if (isFull) await this.addSessionsOfSockets(seen);
      await this.writeMarks(seen, disconnected);
    } catch (error) {
      // Keeps these sessions for the next mark. For a session without sockets, its calls are the only sign of presence.
      this.seen = new Map([...seen, ...this.seen]);
      throw error;
    }
    if (isFull) this.fullMarkAt = performance.now();
  }

  private async writeMarks(
    seen: ReadonlyMap<string, SessionInShow>,
    disconnected: ReadonlyMap<string, SessionInShow>,
  ): Promise<void> {
    const unseen = [...disconnected.values()].filter((session) => !seen.has(keyOf(session)));
    const withStays = await this.filterStays(unseen);
    if (withStays.length > 0) await this.presence.mark(withStays, presenceTimeoutMs);
    // The mark also covers the time until the next mark. So the sessions of a node that dies still have the full
    // timeout.
    if (seen.size > 0) await this.presence.mark([...seen.values()], markIntervalMs + presenceTimeoutMs);
  }

  private async cleanUp(): Promise<void> {
    await this.presence.deleteOldMarks();
    while (await this.lines.deleteOldKeys(keysPerDeleteMax));
    this.cleanupAt = performance.now();
  }

  private async addSessionsOfSockets(seen: Map<string, SessionInShow>): Promise<void> {
    for (const showId of this.realtime.showsInView()) {
      const lane = await this.shows.lane(showId);
      if (lane.terms.waitingRoom === null) continue;
      for (const sessionId of this.realtime.sessionsInShow(showId)) {
        const session = { showId, sessionId };
        if (lane.isInside(sessionId)) seen.set(keyOf(session), session);
      }
    }
  }

  private async filterStays(sessions: readonly SessionInShow[]): Promise<SessionInShow[]> {
    const isInside = await Promise.all(
      sessions.map(async ({ showId, sessionId }) => (await this.shows.lane(showId)).isInside(sessionId)),
    );
    return sessions.filter((_, index) => isInside[index]);
  }

  private async endAbandonedStays(): Promise<void> {
    const isFullScan = performance.now() - this.fullScanAt >= fullScanIntervalMs;
    // This is set before the query, because a task that fails during the query resets it to request another full scan.
    if (isFullScan) this.fullScanAt = performance.now();
    const stays = await this.presence.abandonedStays(presenceTimeoutMs, isFullScan ? null : recentMs);
    for (const [showId, ofShow] of Map.groupBy(stays, (stay) => stay.showId)) {
      this.tasks.start(showId, () => this.endStays(showId, ofShow));
    }
  }

  private async endStays(showId: number, sessions: EndStaysCommand['sessions']): Promise<void> {
    try {
      await this.shows.submit(showId, { type: 'endStays', sessions });
    } catch (error) {
      // Requests a full scan. By the time the show is available again, a poll of recent stays may no longer find these
      // stays.
      this.fullScanAt = -Infinity;
      throw error;
    }
  }

  /** Ends the stay of a session that has closed the show itself, without waiting for the timeout. */
  private async endStayNow({ showId, sessionId }: SessionInShow): Promise<void> {
    try {
      const stay = (await this.shows.lane(showId)).stayOf(sessionId);
      if (!stay) return;
      const sessions = [{ sessionId, admittedAt: stay.admittedAt, appeared: true }];
      await this.shows.submit(showId, { type: 'endStays', sessions });
    } catch (error) {
      this.logger.warn({ showId, err: error }, 'could not end a stay; the presence timeout will end it');
    }
  }
}
