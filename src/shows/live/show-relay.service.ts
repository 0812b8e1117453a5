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
import { chainLink, isLineChange, isTermsChange } from '../core/log/change-kinds.js';
import type { AnnouncedCommit } from '../core/log/log-entry.js';
import { fromLogRow, type LogRow, toStoredChanges } from '../core/log/stored-entry.js';
import type { ShowAdvance } from '../lane/show-advance.js';
import { ShowsService } from '../lane/shows.service.js';

/** A commit that a node announces to the nodes with sockets in a room of the show. */
interface CommitMessage {
  readonly showId: number;
  readonly row: LogRow;
  /** The id of the commit directly before the announced one. */
  readonly previousCommitId: number;
}

/**
 * An event for one session. It is meant for nodes that have a socket of the session but do not have the show in memory.
 */
interface SessionMessage {
  readonly showId: number;
  readonly seq: number;
  readonly sessionId: string;
  readonly event: ServerEvent;
  readonly payload: ServerPayload<ServerEvent>;
}

const commitKind = 'log';
const sessionKind = 'session';

// Only this class publishes messages of these kinds, so the kind determines the type of the body.
const isCommit = (message: NodeMessage): message is NodeMessage & { body: CommitMessage } =>
  message.kind === commitKind;
const isSessionEvent = (message: NodeMessage): message is NodeMessage & { body: SessionMessage } =>
  message.kind === sessionKind;

/**
 * Announces the commits of this node to the other nodes, and applies their commits.
 *
 * Nodes send each other commits, not socket frames. Each node notifies its own sockets after it has received a commit
 * or read it from the log. So a viewer receives each version once, in order and without a gap. This is true no matter
 * which node made the commit, and even if Redis loses messages.
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
      this.shows.advances.subscribe(({ showId, committed }) => committed && this.announce(showId, committed)),
      this.bus.received.subscribe((message) => void this.receive(message)),
      this.bus.subscribed.subscribe((room) => void this.catchUpOnRoom(room)),
    );
  }

  onModuleDestroy(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
  }

  /**
   * Sends a session an event about a commit, on all nodes that have sockets of the session.
   *
   * @param except the id of a socket that already has the result of the commit, or null
   */
  notifySession<E extends ServerEvent>(
    { showId, seq, committed }: ShowAdvance,
    sessionId: string,
    event: E,
    payload: ServerPayload<E>,
    except: string | null = null,
  ): void {
    this.realtime.sendToSession(sessionId, event, payload, except);
    // If another node made the commit, that node has sent the message, or each node reads the commit itself.
    if (!committed) return;
    const body: SessionMessage = { showId, seq, sessionId, event, payload };
    this.bus.publish({ room: sessionRoom(sessionId), kind: sessionKind, body });
  }

  private announce(showId: number, entry: AnnouncedCommit): void {
    const { seq, commitId, version, at, changes, previousCommitId } = entry;
    const row = { seq, commitId, version, at, changes: toStoredChanges(entry) };
    const body: CommitMessage = { showId, row, previousCommitId };
    const lines = new Set<LineName>(changes.filter(isLineChange).flatMap((change) => chainLink(change)?.line ?? []));
    // Waiters have the show open too, so they must also be notified of new terms.
    if (changes.some(isTermsChange)) for (const line of LineName.options) lines.add(line);
    // The room of the show receives every commit, so the nodes in it miss none. The room of a line receives only the
    // commits that change the line. The nodes in it read the commits in between from the log.
    const rooms = [showRoom(showId), ...[...lines].map((line) => lineRoom(showId, line))];
    for (const room of rooms) this.bus.publish({ room, kind: commitKind, body });
  }

  private async receive(message: NodeMessage): Promise<void> {
    try {
      if (isCommit(message)) await this.receiveCommit(message.body);
      if (isSessionEvent(message)) await this.receiveSessionEvent(message.body);
    } catch (error) {
      this.logger.warn({ err: error }, 'could not apply a message of another node; the next catch-up reads the log');
    }
  }

  private async receiveCommit({ showId, row, previousCommitId }: CommitMessage): Promise<void> {
    await this.shows.laneInMemory(showId)?.applyRemoteCommit({ ...fromLogRow(row), previousCommitId });
  }

  private async receiveSessionEvent({ showId, seq, sessionId, event, payload }: SessionMessage): Promise<void> {
    const lane = this.shows.laneInMemory(showId);
    if (!lane) this.realtime.sendToSession(sessionId, event, payload, null);
    // If the show is in memory, the node sends the event when it reads the log, in the order of the log.
    else if (lane.seq < seq) {
      try {
        await lane.catchUp();
      } catch (error) {
        // A later catch-up sends the event again. Twice is better than never.
        this.realtime.sendToSession(sessionId, event, payload, null);
        throw error;
      }
    }
  }

  /** Catches up on a show when this node subscribes to its room, because the node missed earlier announcements. */
  private async catchUpOnRoom(room: string): Promise<void> {
    const showId = showOfRoom(room);
    if (showId === null) return;
    try {
      await this.shows.catchUp(showId);
    } catch (error) {
      this.logger.warn({ showId, err: error }, 'could not catch up on a show that this node now receives; retrying');
    }
  }
}
