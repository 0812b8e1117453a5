import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { NodeLifecycle } from '../realtime/index.js';
import { LineBroadcaster } from '../shows/index.js';
import { LineNotifier } from './line-notifier.service.js';

/** What ends a held read, beside the next one of its session. */
interface Held {
  readonly ms: number;
  readonly gone: AbortSignal;
  /** Asked whenever something happened that may have changed what is read. */
  readonly hasChanged: () => Promise<boolean>;
}

/** Reads of places in line that are held open until there is something to tell: one a session and show. */
@Injectable()
export class HeldReads implements OnModuleInit, OnModuleDestroy {
  /** By show and session: looks whether to answer now. */
  private readonly reads = new Map<number, Map<string, { readonly look: () => void; readonly end: () => void }>>();
  private readonly subscriptions: Subscription[] = [];

  constructor(
    private readonly notifier: LineNotifier,
    private readonly broadcaster: LineBroadcaster,
    private readonly lifecycle: NodeLifecycle,
  ) {}

  onModuleInit(): void {
    this.lifecycle.drainSignal.addEventListener('abort', () => this.endAll(), { once: true });
    this.subscriptions.push(
      this.notifier.touched.subscribe(({ showId, sessionId }) => this.reads.get(showId)?.get(sessionId)?.look()),
      this.broadcaster.moves.subscribe((showId) => {
        for (const { look } of this.reads.get(showId)?.values() ?? []) look();
      }),
    );
  }

  onModuleDestroy(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.endAll();
  }

  /** Comes back when something changed, the time is up, this node leaves, nobody listens any longer, or the session reads again. */
  hold(showId: number, sessionId: string, { ms, gone, hasChanged }: Held): Promise<void> {
    // Before its show's reads are looked up: with the last of them they are gone.
    this.reads.get(showId)?.get(sessionId)?.end();
    const ofShow = this.reads.get(showId) ?? new Map<string, { look: () => void; end: () => void }>();
    this.reads.set(showId, ofShow);
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        gone.removeEventListener('abort', end);
        if (ofShow.get(sessionId) === held) ofShow.delete(sessionId);
        if (ofShow.size === 0 && this.reads.get(showId) === ofShow) this.reads.delete(showId);
        resolve();
      };
      const look = () => {
        hasChanged().then((changed) => (changed ? end() : undefined), reject);
      };
      const held = { look, end };
      const timer = setTimeout(end, ms);
      gone.addEventListener('abort', end, { once: true });
      ofShow.set(sessionId, held);
      // What changed between the first reading and now.
      look();
      if (this.lifecycle.isDraining) end();
    });
  }

  private endAll(): void {
    for (const ofShow of this.reads.values()) for (const { end } of ofShow.values()) end();
  }
}
