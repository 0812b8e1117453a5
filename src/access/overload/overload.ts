import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { createErrorBody, type ErrorBody } from '@usher/contract';
import { Gauge } from 'prom-client';
import { CONFIG, type Config } from '../../config/config.js';
import { AdmittedShare } from './admitted-share.js';

/** Interval at which the event loop's delay is sampled. Each value of the histogram includes this interval. */
const resolutionMs = 10;

/** Length of the time over which delays are averaged. */
const windowMs = 500;

/**
 * Shortest pause before a refused client retries. The longest pause is twice as long. Pauses are random, so that the
 * clients do not all retry at once.
 */
const retryMsMin = 500;

const eventLoopWaitMs = new Gauge({
  name: 'usher_event_loop_wait_ms',
  help: 'Time that incoming work waits for the event loop of this node, averaged over half a second, in ms',
});

/**
 * Detects when incoming work waits for the event loop longer than the settings allow. The node then refuses the surplus
 * of new work immediately, so that it answers the admitted work in time.
 */
@Injectable()
export class Overload implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  private timer: NodeJS.Timeout | null = null;
  private readonly share: AdmittedShare;

  constructor(@Inject(CONFIG) { loopWaitMsMax }: Config) {
    this.share = new AdmittedShare(loopWaitMsMax);
  }

  onApplicationBootstrap(): void {
    this.histogram.enable();
    this.timer = setInterval(() => this.measure(), windowMs).unref();
  }

  onModuleDestroy(): void {
    if (this.timer) clearInterval(this.timer);
    this.histogram.disable();
  }

  /** Decides whether the node admits one piece of new work. Returns null if it does, otherwise a `BUSY` error. */
  refusal(): ErrorBody | null {
    const { current } = this.share;
    if (current === 1 || Math.random() < current) return null;
    const retryAfterMs = Math.round(retryMsMin * (1 + Math.random()));
    return createErrorBody('BUSY', 'This server is overloaded. Nothing was done, so a retry is safe.', {
      retryAfterMs,
    });
  }

  private measure(): void {
    const { mean } = this.histogram;
    this.histogram.reset();
    const waitMs = Number.isNaN(mean) ? 0 : Math.max(0, mean / 1e6 - resolutionMs);
    eventLoopWaitMs.set(waitMs);
    this.share.observe(waitMs);
  }
}
