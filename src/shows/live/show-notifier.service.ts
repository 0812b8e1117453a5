import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { RealtimeGateway } from '../../realtime/index.js';
import { ShowsService } from '../lane/shows.service.js';
import { toShowChanged } from './to-show-changed.js';

/**
 * Sends `show:changed` to the sockets of this node that have a show open. Every node does this when it reads the change
 * in the log. So each socket receives a change once, no matter which node made it.
 */
@Injectable()
export class ShowNotifier implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(ShowNotifier.name);
  private subscription: Subscription | null = null;

  constructor(
    private readonly shows: ShowsService,
    private readonly realtime: RealtimeGateway,
  ) {}

  onModuleInit(): void {
    this.subscription = this.shows.advances.subscribe(({ showId, noticed, lane }) => {
      try {
        for (const { at, change } of noticed) {
          const message = toShowChanged(lane.terms, at, change);
          if (message) this.realtime.sendShowChanged(message);
        }
      } catch (error) {
        // The change is committed, so clients notice it from the next `show:version`.
        this.logger.error({ showId, err: error }, 'could not send show:changed');
      }
    });
  }

  onModuleDestroy(): void {
    this.subscription?.unsubscribe();
  }
}
