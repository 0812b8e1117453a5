import { isProgress } from '../../../src/shows/core/payment/payment-progress.js';
import type { ProviderEvent } from '../../../src/payments/payment-gateway.js';
import type {
  NewPayment,
  PaymentStore,
  StoredEvent,
  StoredPayment,
  StoredRefund,
} from '../../../src/payments/payment-store.js';
import { InjectedFault } from '../engine/simulated-errors.js';
import type { SimulatedDatabase } from '../database/simulated-database.js';
import { copied } from '../database/simulated-tables.js';

/** How long a claim lasts: short, so that two nodes are often at the same row. */
const claimMs = 400;

/** A row that is due at a time; null: it is done. */
interface Due {
  dueAt: number | null;
  attempts: number;
}

type RefundRow = Due & { reference: string | null; isPaid: boolean };

/** The rows of payments, events and refunds. Each method of a store is one statement, as in `PostgresPaymentStore`. */
export class SimulatedPaymentTables {
  readonly payments = new Map<string, StoredPayment & Due>();
  readonly events = new Map<string, ProviderEvent & Due>();
  private readonly refundRows = new Map<string, RefundRow>();

  constructor(private readonly database: SimulatedDatabase) {}

  /** The store as one node sees it. */
  connect(node: object): PaymentStore {
    const call = <T>(label: string, run: () => T) => this.call(node, label, run);
    return {
      find: ({ paymentId }) => call('find a payment', () => this.payments.get(paymentId) ?? null),
      opened: ({ paymentId }, opened) =>
        call('a payment is open', () => {
          const payment = this.payments.get(paymentId);
          if (payment && payment.reference === null) this.payments.set(paymentId, { ...payment, ...opened });
        }),
      refused: ({ paymentId }, failure) =>
        call('a payment is refused', () => {
          const payment = this.payments.get(paymentId);
          if (payment) this.payments.set(paymentId, { ...payment, failure });
        }),
      captured: () => call('a capture is named', () => undefined),
      refundsTotal: ({ paymentId }) =>
        call('the refunds of a payment', () =>
          this.refunds()
            .filter((one) => one.paymentId === paymentId)
            .reduce((sum, { amount }) => sum + amount, 0),
        ),
      addOutsideRefund: () => call('an outside refund', () => 0),
      disputed: () => call('a dispute', () => undefined),
      advance: ({ paymentId }, status) =>
        call(`a payment is ${status}`, () => {
          const payment = this.payments.get(paymentId);
          if (!payment || !isProgress(payment.status, status)) return;
          const isOpen = status === 'pending' || status === 'declined' || status === 'failed';
          this.payments.set(paymentId, { ...payment, status, dueAt: isOpen ? payment.dueAt : null });
        }),
      close: ({ paymentId }) =>
        call('a payment is closed', () => {
          const payment = this.payments.get(paymentId);
          if (payment) payment.dueAt = null;
        }),
      lookLater: ({ paymentId }, delayMs) =>
        call('look later', () => {
          const payment = this.payments.get(paymentId);
          if (payment && payment.dueAt !== null) payment.dueAt = this.database.now + delayMs;
        }),
      eventDone: ({ eventId }) =>
        call('an event is done', () => {
          const event = this.events.get(eventId);
          if (event) event.dueAt = null;
        }),
      refundBegun: (refund, reference, delayMs) =>
        call('a refund is begun', () => {
          const row = this.refundRow(refund.refundId);
          if (row.attempts !== refund.attempts) return;
          row.reference = reference;
          row.dueAt = this.database.now + delayMs;
        }),
      refundPaid: async (refund, reference) => {
        await call('a refund is paid', () => {
          const row = this.refundRow(refund.refundId);
          row.isPaid = true;
          row.reference ??= reference;
        });
        return call('unpaid refunds', () => this.refunds().filter((one) => this.isUnpaidOf(one, refund)).length);
      },
      refundDone: (refund) =>
        call('a refund is done', () => {
          this.refundRow(refund.refundId).dueAt = null;
        }),
    };
  }

  /** A new payment's row. */
  add(node: object, payment: NewPayment): Promise<StoredPayment> {
    return this.call(node, 'add a payment', () => {
      const { now } = this.database;
      const opened = {
        status: 'pending',
        reference: null,
        redirectUrl: null,
        qrCode: null,
        failure: null,
        isDisputeLost: false,
      } as const;
      const row = { ...payment, ...opened, madeAt: now, ageMs: 0, dueAt: now + claimMs, attempts: 0 };
      this.payments.set(payment.paymentId, row);
      return row;
    });
  }

  /** A webhook's row; one that is there stays. */
  receive(node: object, event: ProviderEvent): Promise<void> {
    return this.call(node, 'keep an event', () => {
      if (this.events.has(event.eventId)) return;
      this.events.set(event.eventId, { ...event, dueAt: this.database.now, attempts: 0 });
    });
  }

  /** Claims one row of each kind that is due. */
  claim(node: object): Promise<{ payment?: StoredPayment; event?: StoredEvent; refund?: StoredRefund }> {
    return this.call(node, 'claim what payments wait for', () => {
      const payment = this.claimed(this.payments.values());
      const event = this.claimed(this.events.values());
      const due = this.refunds().find(({ refundId }) => this.isDue(this.refundRow(refundId)));
      const row = due && this.claimed([this.refundRow(due.refundId)]);
      return {
        ...(payment && { payment: { ...payment, ageMs: this.database.now - payment.madeAt } }),
        ...(event && { event }),
        ...(due && row && { refund: { ...due, ...row } }),
      };
    });
  }

  /** When rows are due next. */
  dueTimes(): number[] {
    const rows = [...this.payments.values(), ...this.events.values(), ...this.refundRows.values()];
    return rows.flatMap(({ dueAt }) => dueAt ?? []);
  }

  /** Whether refunds or events wait. */
  get isBusy(): boolean {
    const refunds = this.refunds().map(({ refundId }) => this.refundRow(refundId));
    return [...refunds, ...this.events.values()].some(({ dueAt }) => dueAt !== null);
  }

  private refunds() {
    return [...this.database.shows].flatMap(([showId, tables]) => tables.refunds.map((one) => ({ showId, ...one })));
  }

  private isUnpaidOf({ refundId, paymentId }: { refundId: string; paymentId: string }, of: StoredRefund): boolean {
    return paymentId === of.paymentId && !this.refundRow(refundId).isPaid;
  }

  private refundRow(refundId: string): RefundRow {
    const known = this.refundRows.get(refundId);
    if (known) return known;
    const row = { reference: null, isPaid: false, dueAt: this.database.now, attempts: 0 };
    this.refundRows.set(refundId, row);
    return row;
  }

  private isDue = ({ dueAt }: Due): boolean => dueAt !== null && dueAt <= this.database.now;

  private claimed<Row extends Due>(rows: Iterable<Row>): Row | undefined {
    const row = [...rows].filter(this.isDue).toSorted((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0))[0];
    if (!row) return undefined;
    row.dueAt = this.database.now + claimMs;
    row.attempts++;
    return row;
  }

  /** What is answered is of the moment of the statement, and shared by nobody. */
  private call<T>(node: object, label: string, run: () => T): Promise<T> {
    return this.database.call(node, label, () => {
      if (this.database.observer.cutsOff()) throw new InjectedFault('the statement took too long');
      const result = run();
      return result === undefined || result === null ? result : copied(result);
    });
  }
}
