import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { LineName, type ServerEvent, type ServerPayload } from '@usher/contract';
import type { Subscription } from 'rxjs';
import {
  lineRoom,
  NodeBus,
  type NodeMessage,
  RealtimeGateway,
  sessionRoom,
  showOfRoom,
  showRoom,
} from '../../realtime/index.js';
import { chainLink } from '../core/log/change-kinds.js';
import type { AnnouncedCommit } from '../core/log/log-entry.js';
import { isLineChange, isTermsChange } from '../core/log/change-kinds.js';
import { fromLogRow, type LogRow, toStoredChanges } from '../core/log/stored-entry.js';
import type { ShowAdvance } from '../lane/show-lane.js';
import { ShowsService } from '../lane/shows.service.js';

/** A commit, as one node tells it the others that have somebody in a room of the show. */
interface ToldEntry {
  readonly showId: number;
  readonly row: LogRow;
  /** The commit that it follows. */
  readonly previousCommitId: number;
}

/** What a commit means to one session, for nodes that know nothing of the show but have a socket of the session. */
interface ToldSession {
  readonly showId: number;
  readonly seq: number;
  readonly sessionId: string;
  readonly event: ServerEvent;
  readonly payload: ServerPayload<ServerEvent>;
}

const logKind = 'log';
const sessionKind = 'session';

/**
 * Carries what happens on this node to the viewers and sessions of the others.
 *
 * Nodes tell each other commits, not frames: each node tells its own sockets from its own reading of the log, whether it
 * was told a commit or read it. So a viewer hears each version once, in order and without a hole, whichever nodes wrote
 * it and whatever Redis lost on the way.
 */
@Injectable()
export class ShowRelay implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(ShowRelay.name);
  private readonly subscriptions: Subscription[] = [];

  constructor(
    private readonly shows: ShowsService,
    private readonly realtime: RealtimeGateway,
    private readonly bus: NodeBus,
  ) {}

  onModuleInit(): void {
    if (!this.bus.isShared) return;
    this.subscriptions.push(
      this.shows.advances.subscribe(({ showId, committed }) => committed && this.tellCommit(showId, committed)),
      this.bus.received.subscribe((message) => void this.hear(message)),
      this.bus.subscribed.subscribe((room) => void this.readOn(room)),
    );
  }

  onModuleDestroy(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
  }

  /**
   * Tells a session, on whichever node its sockets are, what a commit means to it.
   *
   * @param except a socket that knows already, or null
   */
  tellSession<E extends ServerEvent>(
    { showId, seq, committed }: ShowAdvance,
    sessionId: string,
    event: E,
    payload: ServerPayload<E>,
    except: string | null = null,
  ): void {
    this.realtime.sendToSession(sessionId, event, payload, except);
    // What others committed they have told, or it is read: then each node finds it by itself.
    if (!committed) return;
    const body: ToldSession = { showId, seq, sessionId, event, payload };
    this.bus.publish({ room: sessionRoom(sessionId), kind: sessionKind, body });
  }

  private tellCommit(showId: number, entry: AnnouncedCommit): void {
    const { seq, commitId, version, at, changes, previousCommitId } = entry;
    const row = { seq, commitId, version, at, changes: toStoredChanges(entry) };
    const body: ToldEntry = { showId, row, previousCommitId };
    const lines = new Set<LineName>(changes.filter(isLineChange).flatMap((change) => chainLink(change)?.line ?? []));
    // Those in line have the show open too.
    if (changes.some(isTermsChange)) for (const line of LineName.options) lines.add(line);
    // Every commit to those who look at the show: to them none is missing. In line one hears of the line, and reads on.
    const rooms = [showRoom(showId), ...[...lines].map((line) => lineRoom(showId, line))];
    for (const room of rooms) this.bus.publish({ room, kind: logKind, body });
  }

  private async hear({ kind, body }: NodeMessage): Promise<void> {
    try {
      if (kind === logKind) await this.hearCommit(body as ToldEntry);
      if (kind === sessionKind) await this.hearOfSession(body as ToldSession);
    } catch (error) {
      // The next beat reads the log of a show in view.
      this.logger.warn({ err: error }, 'what another node told could not be taken in');
    }
  }

  private async hearCommit({ showId, row, previousCommitId }: ToldEntry): Promise<void> {
    await this.shows.known(showId)?.heard({ ...fromLogRow(row), previousCommitId });
  }

  private async hearOfSession({ showId, seq, sessionId, event, payload }: ToldSession): Promise<void> {
    const lane = this.shows.known(showId);
    if (!lane) this.realtime.sendToSession(sessionId, event, payload, null);
    // Where the show is in memory its log is what is told from, and in its order.
    else if (lane.state.seq < seq) {
      try {
        await lane.refresh();
      } catch (error) {
        // Once more when the log is read: better twice than not at all.
        this.realtime.sendToSession(sessionId, event, payload, null);
        throw error;
      }
    }
  }

  /** What was committed before this node began to hear of a show is not told to it. */
  private async readOn(room: string): Promise<void> {
    const showId = showOfRoom(room);
    if (showId === null) return;
    try {
      await this.shows.readOn(showId);
    } catch (error) {
      this.logger.warn({ showId, err: error }, 'a show could not be read on');
    }
  }
}
