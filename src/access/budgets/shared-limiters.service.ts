import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Budget } from '../../common/memory-limiter.js';
import { DATABASE_IDENTITY } from '../../database/database-identity.js';
import { NodeBus } from '../../realtime/index.js';
import { SharedLimiter } from './shared-limiter.js';

/** Time between two reports. A caller of several nodes can exceed its budget for about this long. */
const reportIntervalMs = 100;

/** Creates limiters whose budgets all nodes share, and exchanges their counters with Redis. */
@Injectable()
export class SharedLimiters implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly limiters: SharedLimiter[] = [];
  private timer: NodeJS.Timeout | null = null;
  private isReporting = false;

  constructor(
    private readonly bus: NodeBus,
    @Inject(DATABASE_IDENTITY) private readonly identity: string,
  ) {}

  /** @param name name of the limiter, the same on every node */
  create(name: string, budget: Budget): SharedLimiter {
    const limiter = new SharedLimiter(budget, this.bus.redis, `usher:${this.identity}:limit:${name}`);
    this.limiters.push(limiter);
    return limiter;
  }

  onApplicationBootstrap(): void {
    if (this.bus.isShared) this.timer = setInterval(() => void this.report(), reportIntervalMs).unref();
  }

  onModuleDestroy(): void {
    if (this.timer) clearInterval(this.timer);
  }

  /** Sends no further report before Redis has answered the last one, so that a Redis that hangs costs no memory. */
  private async report(): Promise<void> {
    if (this.isReporting) return;
    this.isReporting = true;
    await Promise.all(this.limiters.map((limiter) => limiter.report()));
    this.isReporting = false;
  }
}
