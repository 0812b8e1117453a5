import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { RiskAction, RiskCase } from '@usher/contract';
import { Counter } from 'prom-client';
import { createBoundedCache } from '../../common/bounded-cache.js';
import { createId } from '../../common/ids.js';
import { Poller } from '../../common/poller.js';
import { type NewRiskCase, RiskCaseRepository } from './risk-case.repository.js';

/** Interval at which a node writes its cases. Staff see a case late by up to this time. */
const writeIntervalMs = 1000;

const deleteIntervalMs = 5 * 60_000;

/** Maximum number of cases that wait to be written. Further cases are only counted. */
const pendingMax = 5000;

/** A node records a session at most once per show, action and minute. */
const repeatMs = 60_000;

const repeatsMax = 50_000;

// There is one counter per process, because prom-client accepts each name only once.
const actions = new Counter({
  name: 'usher_risk_actions_total',
  help: 'Calls that were challenged, slowed, refused, had to cool down, or were admitted with a high risk score',
  labelNames: ['action'],
});

/** Records what the service did with suspicious calls, so that staff of all nodes can see it. */
@Injectable()
export class RiskCases implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(RiskCases.name);
  private pending: NewRiskCase[] = [];
  private writing: Promise<void> = Promise.resolve();
  private readonly recent = createBoundedCache<string, boolean>(repeatsMax, repeatMs);
  private readonly writer = Poller.every(
    writeIntervalMs,
    () => this.write(),
    (error) => this.logger.error({ err: error }, 'could not write risk cases; retrying in 1 s'),
  );
  private readonly cleaner = Poller.every(
    deleteIntervalMs,
    () => this.repository.deleteOld(),
    (error) => this.logger.error({ err: error }, 'could not delete old risk cases; retrying in 5 min'),
  );

  constructor(private readonly repository: RiskCaseRepository) {}

  onApplicationBootstrap(): void {
    this.writer.start();
    this.cleaner.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.writer.stop(), this.cleaner.stop()]);
    await this.write().catch((error: unknown) =>
      this.logger.error({ err: error }, 'could not write the last risk cases; they are lost'),
    );
  }

  /** Records a case without waiting for the database. */
  record(action: RiskAction, details: Omit<RiskCase, 'caseId' | 'at' | 'action'>): void {
    actions.inc({ action });
    const name = `${details.showId} ${details.sessionId} ${action}`;
    if (this.recent.get(name) || this.pending.length >= pendingMax) return;
    this.recent.set(name, true);
    this.pending.push({ caseId: createId(), action, ...details });
  }

  /** Removes the cases of a session that are not written yet, and deletes those that are. */
  async erase(sessionId: string): Promise<void> {
    this.pending = this.pending.filter((one) => one.sessionId !== sessionId);
    // Rows that are being written now must be there before they can be deleted.
    await this.writing.catch(() => undefined);
    this.pending = this.pending.filter((one) => one.sessionId !== sessionId);
    await this.repository.erase(sessionId);
  }

  private async write(): Promise<void> {
    const batch = this.pending;
    if (batch.length === 0) return;
    this.pending = [];
    try {
      this.writing = this.repository.insert(batch);
      await this.writing;
    } catch (error) {
      this.pending = [...batch, ...this.pending].slice(0, pendingMax);
      throw error;
    }
  }
}
