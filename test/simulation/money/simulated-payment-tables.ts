import { isProgress } from '../../../src/shows/core/model/payment-progress.js';
import type { RowChange } from '../../../src/database/outbox/outcome.js';
import type { ProviderEvent } from '../../../src/payments/payment-gateway.js';
import type { ClaimedPayment } from '../../../src/payments/payment-outboxes.js';
import type {
  NewPayment,
  PaymentStore,
  StoredEvent,
  StoredPayment,
  StoredRefund,
} from '../../../src/payments/payment-store.js';
import { InjectedFault } from '../engine/simulated-errors.js';
import type { SimulatedDatabase } from '../database/simulated-database.js';
import { copyAsJson } from '../database/simulated-tables.js';

/** Duration of a claim's lease. It is short, so that two nodes often process the same row. */
const leaseMs = 400;

/** A row that a node must process. */
interface DueRow {
  /** Null once the row is done. */
  dueAt: number | null;
  attempts: number;
}

/** A row that a node has claimed. */
export type ClaimedRow = ClaimedPayment | StoredEvent | StoredRefund;

type RefundRow = DueRow & { reference: string | null; isPaid: boolean };

/** The tables of payments, events and refunds. Each store method is one statement, as in `PostgresPaymentStore`. */
export class SimulatedPaymentTables {
  readonly payments = new Map<string, StoredPayment & DueRow>();
  readonly events = new Map<string, ProviderEvent & DueRow>();
  private readonly refundRows = new Map<string, RefundRow>();

  constructor(private readonly database: SimulatedDatabase) {}

  /** Returns the payment store that `node` uses. */
  storeFor(node: object): PaymentStore {
    const call = <T>(label: string, run: () => T) => this.runStatement(node, label, run);
    return {
      find: ({ paymentId }) => call('find a payment', () => this.payments.get(paymentId) ?? null),
      recordOpened: ({ paymentId }, opened) =>
        call('store the provider reference', () => {
          const payment = this.payments.get(paymentId);
          if (payment && payment.reference === null) this.payments.set(paymentId, { ...payment, ...opened });
        }),
      recordRefusal: ({ paymentId }, failure) =>
        call('store a refusal', () => {
          const payment = this.payments.get(paymentId);
          if (payment) this.payments.set(paymentId, { ...payment, failure });
        }),
      recordCapture: () => call('store a capture', () => undefined),
      sumRefunds: ({ paymentId }) =>
        call('sum the refunds of a payment', () =>
          this.refunds()
            .filter((one) => one.paymentId === paymentId)
            .reduce((sum, { amount }) => sum + amount, 0),
        ),
      recordOutsideRefund: () => call('store an outside refund', () => 0),
      recordDispute: () => call('store a dispute', () => undefined),
      advanceStatus: ({ paymentId }, status) =>
        call(`set a payment to ${status}`, () => {
          const payment = this.payments.get(paymentId);
          if (!payment || !isProgress(payment.status, status)) return;
          const isOpen = status === 'pending' || status === 'declined' || status === 'failed';
          this.payments.set(paymentId, { ...payment, status, dueAt: isOpen ? payment.dueAt : null });
        }),
      stopPolling: ({ paymentId }) =>
        call('close a payment', () => {
          const payment = this.payments.get(paymentId);
          if (payment) payment.dueAt = null;
        }),
      recordRefundBegun: (refund, reference) =>
        call('start a refund', () => {
          const row = this.refundRow(refund.refundId);
          if (row.attempts === refund.attempts) row.reference = reference;
        }),
      recordRefundPaid: async (refund, reference) => {
        await call('pay a refund', () => {
          const row = this.refundRow(refund.refundId);
          row.isPaid = true;
          row.reference ??= reference;
        });
        return call(
          'count unpaid refunds',
          () => this.refunds().filter((one) => this.isUnpaidRefundOf(one, refund)).length,
        );
      },
    };
  }

  /** Inserts a payment. */
  insertPayment(node: object, payment: NewPayment): Promise<StoredPayment> {
    return this.runStatement(node, 'insert a payment', () => {
      const { now } = this.database;
      const opened = {
        status: 'pending',
        reference: null,
        redirectUrl: null,
        qrCode: null,
        failure: null,
        isDisputeLost: false,
      } as const;
      const row = { ...payment, ...opened, madeAt: now, ageMs: 0, dueAt: now + leaseMs, attempts: 0 };
      this.payments.set(payment.paymentId, row);
      return row;
    });
  }

  /** Inserts the event of a webhook, unless the event is already stored. */
  insertEvent(node: object, event: ProviderEvent): Promise<void> {
    return this.runStatement(node, 'store an event', () => {
      if (this.events.has(event.eventId)) return;
      this.events.set(event.eventId, { ...event, dueAt: this.database.now, attempts: 0 });
    });
  }

  /** Claims one due row of each kind. */
  claimDueRows(node: object): Promise<{ payment?: ClaimedPayment; event?: StoredEvent; refund?: StoredRefund }> {
    return this.runStatement(node, 'claim due payment rows', () => {
      const payment = this.claimFirst(this.payments.values());
      const event = this.claimFirst(this.events.values());
      const due = this.refunds().find(({ refundId }) => this.isDue(this.refundRow(refundId)));
      const row = due && this.claimFirst([this.refundRow(due.refundId)]);
      return {
        ...(payment && { payment: { ...payment, ageMs: this.database.now - payment.madeAt } }),
        ...(event && { event }),
        ...(due && row && { refund: { ...due, ...row } }),
      };
    });
  }

  /** Changes a claimed row after an attempt, as the outbox tables of `src/payments` do. */
  applyChange(node: object, row: ClaimedRow, change: RowChange): Promise<void> {
    return this.runStatement(node, `a row is ${change.type}`, () => {
      const stored = this.storedRow(row);
      if (!stored) return;
      const isOwnClaim = stored.attempts === row.attempts && stored.dueAt !== null;
      if (change.type === 'done') stored.dueAt = null;
      else if (isOwnClaim) stored.dueAt = change.type === 'postponed' ? this.database.now + change.delayMs : null;
    });
  }

  private storedRow(row: ClaimedRow): DueRow | undefined {
    if ('refundId' in row) return this.refundRow(row.refundId);
    return 'eventId' in row ? this.events.get(row.eventId) : this.payments.get(row.paymentId);
  }

  /** Returns the times at which rows are due. */
  dueTimes(): number[] {
    const rows = [...this.payments.values(), ...this.events.values(), ...this.refundRows.values()];
    return rows.flatMap(({ dueAt }) => dueAt ?? []);
  }

  /** True while a refund or an event is not done. */
  get hasDueRows(): boolean {
    const refunds = this.refunds().map(({ refundId }) => this.refundRow(refundId));
    return [...refunds, ...this.events.values()].some(({ dueAt }) => dueAt !== null);
  }

  private refunds() {
    return [...this.database.shows].flatMap(([showId, tables]) => tables.refunds.map((one) => ({ showId, ...one })));
  }

  private isUnpaidRefundOf(
    { refundId, paymentId }: { refundId: string; paymentId: string },
    of: StoredRefund,
  ): boolean {
    return paymentId === of.paymentId && !this.refundRow(refundId).isPaid;
  }

  private refundRow(refundId: string): RefundRow {
    const known = this.refundRows.get(refundId);
    if (known) return known;
    const row = { reference: null, isPaid: false, dueAt: this.database.now, attempts: 0 };
    this.refundRows.set(refundId, row);
    return row;
  }

  private isDue = ({ dueAt }: DueRow): boolean => dueAt !== null && dueAt <= this.database.now;

  private claimFirst<Row extends DueRow>(rows: Iterable<Row>): Row | undefined {
    const row = [...rows].filter(this.isDue).toSorted((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0))[0];
    if (!row) return undefined;
    row.dueAt = this.database.now + leaseMs;
    row.attempts++;
    return row;
  }

  /** Runs a statement. The answer is a copy that is made when the statement runs. */
  private runStatement<T>(node: object, label: string, run: () => T): Promise<T> {
    return this.database.runStatement(node, label, () => {
      if (this.database.observer.shouldCancelStatement()) throw new InjectedFault('the statement took too long');
      const result = run();
      return result === undefined || result === null ? result : copyAsJson(result);
    });
  }
}
