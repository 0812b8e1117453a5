import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { createErrorBody, type ErrorBody } from '@usher/contract';
import { Gauge } from 'prom-client';
import { CONFIG, type Config } from '../../config/config.js';
import { AdmittedShare } from './admitted-share.js';

/** How often the event loop's delay is sampled. It is part of what the histogram tells. */
const resolutionMs = 10;

/** Time over which a delay is averaged. */
const windowMs = 500;

/** Who is refused comes again after this and as much again at most, so that they do not all come at once. */
const retryMs = 500;

const delayMs = new Gauge({
  name: 'usher_event_loop_wait_ms',
  help: 'How long what arrives waits for its turn on this node, averaged over half a second, in ms',
});

/**
 * Knows when this node is past what it can do: when what arrives has to wait for its turn longer than the setting
 * allows. Then what is too much of new work is refused at once, so that what is taken is answered in time.
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

  /** What a piece of new work is refused with, or null: `BUSY` for as much of it as is more than this node can do. */
  refusal(): ErrorBody | null {
    const { current } = this.share;
    if (current === 1 || Math.random() < current) return null;
    const retryAfterMs = Math.round(retryMs * (1 + Math.random()));
    return createErrorBody('BUSY', 'Too much at once: nothing was done, trying again is safe.', { retryAfterMs });
  }

  private measure(): void {
    const { mean } = this.histogram;
    this.histogram.reset();
    const waitMs = Number.isNaN(mean) ? 0 : Math.max(0, mean / 1e6 - resolutionMs);
    delayMs.set(waitMs);
    this.share.observe(waitMs);
  }
}
