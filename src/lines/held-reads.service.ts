import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { NodeLifecycle } from '../realtime/index.js';
import { LineBroadcaster } from './line-broadcaster.service.js';
import { LineNotifier } from './line-notifier.service.js';

interface HoldOptions {
  /** Maximum time that the read stays open, in ms. */
  readonly ms: number;
  /** Aborts when the caller disconnects. */
  readonly disconnected: AbortSignal;
  /** Checks whether the answer has changed. Called after every event that can change the answer. */
  readonly hasChanged: () => Promise<boolean>;
}

interface OpenRead {
  /** Ends the read if its answer has changed. */
  readonly check: () => void;
  readonly end: () => void;
}

/**
 * Keeps a REST read of a session's place in line open until the place changes. A session has at most one open read per
 * show.
 */
@Injectable()
export class HeldReads implements OnModuleInit, OnModuleDestroy {
  /** Open reads by show and session. */
  private readonly reads = new Map<number, Map<string, OpenRead>>();
  private readonly subscriptions: Subscription[] = [];

  constructor(
    private readonly notifier: LineNotifier,
    private readonly broadcaster: LineBroadcaster,
    private readonly lifecycle: NodeLifecycle,
  ) {}

  onModuleInit(): void {
    this.lifecycle.drainSignal.addEventListener('abort', () => this.endAll(), { once: true });
    this.subscriptions.push(
      this.notifier.changedSessions.subscribe(({ showId, sessionId }) =>
        this.reads.get(showId)?.get(sessionId)?.check(),
      ),
      this.broadcaster.broadcasts.subscribe((showId) => {
        for (const { check } of this.reads.get(showId)?.values() ?? []) check();
      }),
    );
  }

  onModuleDestroy(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.endAll();
  }

  /**
   * Resolves when the answer has changed or the time is up. Also resolves when the caller disconnects, when the session
   * starts another read, and when this node drains.
   */
  hold(showId: number, sessionId: string, { ms, disconnected, hasChanged }: HoldOptions): Promise<void> {
    // Ends the previous read first, because the end of the last read of a show removes the show's map.
    this.reads.get(showId)?.get(sessionId)?.end();
    const ofShow = this.reads.get(showId) ?? new Map<string, OpenRead>();
    this.reads.set(showId, ofShow);
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        disconnected.removeEventListener('abort', end);
        if (ofShow.get(sessionId) === read) ofShow.delete(sessionId);
        if (ofShow.size === 0 && this.reads.get(showId) === ofShow) this.reads.delete(showId);
        resolve();
      };
      const check = () => {
        hasChanged().then((changed) => (changed ? end() : undefined), reject);
      };
      const read = { check, end };
      const timer = setTimeout(end, ms);
      disconnected.addEventListener('abort', end, { once: true });
      ofShow.set(sessionId, read);
      // The answer may have changed between the caller's first read and the registration.
      check();
      if (this.lifecycle.isDraining) end();
    });
  }

  private endAll(): void {
    for (const ofShow of this.reads.values()) for (const { end } of ofShow.values()) end();
  }
}
