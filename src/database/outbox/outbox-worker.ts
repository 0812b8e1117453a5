import { Logger } from '@nestjs/common';
import { isBusy } from '../../common/domain-error.js';
import { failureCode } from '../../common/outbound-post.js';
import { Poller } from '../../common/poller.js';
import { type Outcome, toRowChange } from './outcome.js';
import type { OutboxStore } from './outbox-store.js';
import type { OutboxRow, RetryPolicy } from './retry-policy.js';

/** Options of the worker of one outbox. */
export interface OutboxWorkerOptions<Row extends OutboxRow> {
  /** The name of a row in log messages, for example "mail". */
  readonly noun: string;
  readonly store: OutboxStore<Row>;
  /**
   * Makes one attempt to do the work of a row. An error counts as a failed attempt.
   *
   * @param signal is aborted when the node must exit
   */
  readonly handle: (row: Row, signal: AbortSignal) => Promise<Outcome>;
  readonly retry: RetryPolicy;
  /**
   * How long the lease of a claim lasts. It must exceed the longest attempt, including the statements before and after
   * the attempt.
   */
  readonly leaseMs: number;
  /** Maximum number of rows that a node handles at once. A slow row occupies one of these places and delays no other row. */
  readonly concurrency: number;
  /**
   * Limit per receiver. While this many rows of a receiver are in flight, no further rows of that receiver are claimed.
   * One claim takes at most this many rows. So fewer than twice this many rows of a receiver are in flight at once. The
   * limit applies only if the table names the receivers.
   */
  readonly concurrencyPerReceiver?: number;
  /** Returns the fields that identify a row in log messages. They must not contain personal data. */
  readonly logFields: (row: Row) => object;
}

/** Delay until the next poll if there are due rows or all places are occupied. */
const busyPollIntervalMs = 20;

/**
 * Delay until the next poll after a poll found no due row. A worker with free places handles a row at most this late.
 */
const idlePollIntervalMs = 500;

/** How long a stopping node waits for attempts in flight before it aborts them. */
const drainMsMax = 2000;

/**
 * Processes the rows of an outbox: it claims due rows, handles them concurrently, and writes their outcomes.
 *
 * Every node runs a worker, and there is no leader. Every row is handled at least once. If a node dies before it has
 * written the outcome, the row is handled once more. So handlers must be idempotent, for example by sending an
 * idempotency key that the receiver checks.
 */
export class OutboxWorker<Row extends OutboxRow> {
  private readonly inFlight = new Set<Promise<void>>();
  private readonly inFlightByReceiver = new Map<string, number>();
  private readonly exit = new AbortController();
  private readonly poller: Poller;

  constructor(
    private readonly options: OutboxWorkerOptions<Row>,
    private readonly logger: Logger,
  ) {
    const onFailure = (error: unknown) =>
      this.logger.error({ err: error }, `could not claim rows of the ${options.noun} outbox; retrying`);
    this.poller = new Poller(() => this.poll(), onFailure, idlePollIntervalMs);
  }

  start(): void {
    this.poller.start();
  }

  /** Makes the worker poll now. Call it when a row has been added. */
  wake(): void {
    this.poller.wake();
  }

  /** Claims no more rows, and waits for the attempts in flight. Aborts those that take too long. */
  async stop(): Promise<void> {
    await this.poller.stop();
    const timer = setTimeout(() => this.exit.abort(), drainMsMax);
    await Promise.all(this.inFlight);
    clearTimeout(timer);
  }

  /** Claims due rows and starts to handle them. @returns the delay until the next poll, in ms */
  private async poll(): Promise<number> {
    const { store, concurrency, concurrencyPerReceiver = concurrency, leaseMs } = this.options;
    const freePlaces = concurrency - this.inFlight.size;
    if (freePlaces === 0) return busyPollIntervalMs;
    const limit = Math.min(freePlaces, concurrencyPerReceiver);
    const rows = await store.claim(limit, leaseMs, this.busyReceivers(concurrencyPerReceiver));
    for (const row of rows) this.startRow(row);
    return rows.length > 0 ? busyPollIntervalMs : idlePollIntervalMs;
  }

  private startRow(row: Row): void {
    const receiver = this.options.store.receiverOf(row);
    this.countReceiver(receiver, 1);
    const work = this.processRow(row).finally(() => {
      this.inFlight.delete(work);
      this.countReceiver(receiver, -1);
    });
    this.inFlight.add(work);
  }

  /** Handles a row and writes its outcome. Never rejects. */
  private async processRow(row: Row): Promise<void> {
    const { store, retry, noun } = this.options;
    const outcome = await this.attempt(row);
    const change = toRowChange(retry, row, outcome);
    try {
      await store.apply(row, change);
    } catch (error) {
      const message = `could not record the outcome of this ${noun}; it is retried after its lease ends`;
      this.logger.error({ ...this.options.logFields(row), err: error }, message);
      return;
    }
    if (change.type !== 'abandoned' || outcome.type === 'obsolete') return;
    const { attempts } = row;
    this.logger.warn({ ...this.options.logFields(row), attempts, reason: change.reason }, `gave up on this ${noun}`);
  }

  private async attempt(row: Row): Promise<Outcome> {
    const { handle, noun, logFields } = this.options;
    try {
      return await handle(row, this.exit.signal);
    } catch (error) {
      const level = isBusy(error) ? 'debug' : 'warn';
      this.logger[level]({ ...logFields(row), err: error }, `could not handle this ${noun}; retrying`);
      return { type: 'failed', reason: failureCode(error) };
    }
  }

  private busyReceivers(limit: number): string[] {
    return [...this.inFlightByReceiver].flatMap(([receiver, count]) => (count >= limit ? [receiver] : []));
  }

  private countReceiver(receiver: string | null, difference: 1 | -1): void {
    if (receiver === null) return;
    const count = (this.inFlightByReceiver.get(receiver) ?? 0) + difference;
    if (count === 0) this.inFlightByReceiver.delete(receiver);
    else this.inFlightByReceiver.set(receiver, count);
  }
}
