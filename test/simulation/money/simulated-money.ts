import type { Random } from '../../../src/catalog/demo/random.js';
import { type Outcome, toRowChange } from '../../../src/database/outbox/outcome.js';
import type { RetryPolicy } from '../../../src/database/outbox/retry-policy.js';
import type { PaymentGateway } from '../../../src/payments/payment-gateway.js';
import { eventRetry, paymentPolling, refundRetry } from '../../../src/payments/payment-outboxes.js';
import { PaymentReconciler } from '../../../src/payments/payment-reconciler.js';
import type { BookingRecord } from '../../../src/shows/core/model/booking-record.js';
import type { ShowTerms } from '../../../src/shows/core/model/show-terms.js';
import type { ShowCommit } from '../../../src/shows/core/log/to-commit.js';
import { InjectedFault } from '../engine/simulated-errors.js';
import type { Oracle } from '../oracle/oracle.js';
import type { SimulatedCalls } from '../clients/simulated-calls.js';
import type { SimulatedDatabase } from '../database/simulated-database.js';
import { isNoEffectError, type SimulatedNode } from '../nodes/simulated-node.js';
import { OutcomeUnknownError } from '../../../src/shows/lane/commit-in-doubt.js';
import { type ClaimedRow, SimulatedPaymentTables } from './simulated-payment-tables.js';
import { SimulatedProvider } from './simulated-provider.js';
import type { Refunded } from '../../../src/shows/core/changes/refunded.js';

/** Bugs that a test plants into the payment code of every node. */
export interface PaymentBugs {
  readonly plantGatewayBug?: (gateway: PaymentGateway) => PaymentGateway;
}

/** A booking that its buyer may pay for or has paid for. */
interface Hold {
  readonly showId: number;
  readonly booking: BookingRecord;
}

const sumOf = (amounts: Iterable<number>): number => [...amounts].reduce((sum, amount) => sum + amount, 0);

/**
 * Simulates payments: buyers who pay and ask for refunds, a payment provider, and nodes that settle payments. At the
 * end of a run, it checks to the cent that every payment that took money ended as booked seats or as a refund.
 */
export class SimulatedMoney {
  readonly provider: SimulatedProvider;
  private readonly tables: SimulatedPaymentTables;
  private readonly holds: Hold[] = [];
  /** The price that was paid for each seat of each booking. The show's prices may change later. */
  private readonly paidPrices = new Map<string, number>();
  /** The refund fees that buyers paid, by show. */
  private readonly fees = new Map<number, number>();
  /** Each booking as it was before the commit that is being checked. */
  private readonly lastBookings = new Map<string, BookingRecord>();
  private paymentCount = 0;

  constructor(
    private readonly random: Random,
    private readonly database: SimulatedDatabase,
    private readonly calls: SimulatedCalls,
    private readonly oracle: Oracle,
    nodes: readonly SimulatedNode[],
    private readonly bugs: PaymentBugs,
  ) {
    this.tables = new SimulatedPaymentTables(database);
    this.provider = new SimulatedProvider(
      random,
      database.scheduler,
      () => {
        const node = random.pick(nodes);
        return (event) => this.tables.insertEvent(node, event);
      },
      calls.countEvent,
      (detail) => oracle.expect('moneySettled', false, detail),
    );
  }

  /** Adds a refund fee to the terms of every second show. */
  static withRefundFee(terms: ShowTerms): ShowTerms {
    if (terms.showId % 2 === 0) return terms;
    return { ...terms, rules: { ...terms.rules, refunds: { deadlineMinutes: 0, feeAmount: 100 } } };
  }

  /**
   * Lets a buyer start a payment, pay, or ask for a refund, or lets a node process due rows. Returns a description of
   * the action.
   */
  runRandomAction(node: SimulatedNode): string {
    const chance = this.random.integer(10);
    if (chance < 2) return this.startPayment(node);
    if (chance < 4) return this.payAtProvider();
    if (chance < 5) return this.requestRefund(node);
    this.processDueRows(node);
    return `${node.name} processes due payments`;
  }

  /** Lets a node process one due row of each kind. */
  processDueRows(node: SimulatedNode): void {
    const reconciler = this.reconcilerOf(node);
    const work = async () => {
      const { payment, event, refund } = await this.tables.claimDueRows(node);
      await Promise.all([
        payment &&
          this.processRow(node, 'process a payment', payment, paymentPolling, () => reconciler.reconcile(payment)),
        event &&
          this.processRow(node, 'process an event', event, eventRetry, async () => {
            await reconciler.handleEvent(event);
            return { type: 'done' };
          }),
        refund && this.processRow(node, 'process a refund', refund, refundRetry, () => reconciler.refund(refund)),
      ]);
    };
    void this.reportErrors('poll payments', work());
  }

  /** Handles a claimed row and writes the outcome, as an `OutboxWorker` does. */
  private async processRow(
    node: SimulatedNode,
    label: string,
    row: ClaimedRow,
    retry: RetryPolicy,
    handle: () => Promise<Outcome>,
  ): Promise<void> {
    const outcomes: Outcome[] = [];
    const attempt = async () => void outcomes.push(await handle());
    await this.reportErrors(label, attempt());
    const [outcome = { type: 'failed', reason: 'error' } as const] = outcomes;
    const change = toRowChange(retry, row, outcome, () => this.random.integer(1000) / 1000);
    await this.reportErrors(`${label}: write the outcome`, this.tables.applyChange(node, row, change));
  }

  /** Checks the effect of a commit on money. */
  checkCommit({ showId, entry }: ShowCommit): void {
    for (const change of entry.changes) {
      if (change.type === 'reserved') this.holds.push({ showId, booking: change.booking });
      if (change.type === 'booked') {
        const { bookingId, seats, amounts } = change.booking;
        seats.forEach((seat, index) => this.paidPrices.set(`${bookingId} ${seat}`, amounts[index] ?? 0));
        this.calls.countEvent(change.booking.substituted ? 'booked: substituted' : 'booked');
        if (change.booking.expiresAt === null && this.hadEnded(showId, change.booking))
          this.calls.countEvent('booked again');
        this.checkCapture(change.booking, change.paymentId);
      }
      if (change.type === 'refunded' || change.type === 'returned')
        this.calls.countEvent(`refund: ${change.refund.kind}`);
      if (change.type === 'refunded') {
        const { kind, amount } = change.refund;
        this.addFee(showId, change, amount);
        this.oracle.expect('moneySettled', amount >= 0, `a refund (${kind}) has the amount ${amount}`);
      }
    }
    for (const booking of this.database.tablesOf(showId).bookings.values()) {
      this.lastBookings.set(`${showId} ${booking.bookingId}`, booking);
    }
  }

  /** Returns the times at which rows are due. */
  dueTimes(): number[] {
    return this.tables.dueTimes();
  }

  /** True while any money, refused payment, webhook or refund waits to be settled. */
  get isUnsettled(): boolean {
    const isRefusalOpen = [...this.tables.payments.values()].some(
      ({ failure, dueAt }) => failure !== null && dueAt !== null,
    );
    return isRefusalOpen || this.tables.hasDueRows || this.unsettledPayments().length > 0;
  }

  private unsettledPayments() {
    const captured = [...this.provider.books.values()].filter(({ status }) => status === 'succeeded');
    return captured
      .map(({ paymentId }) => this.tables.payments.get(paymentId))
      .filter((payment) => payment?.status !== 'succeeded' && payment?.status !== 'refunded');
  }

  /**
   * Checks the balance of each show after everything has settled: captured − refunded = booked seats + fees, to the
   * cent.
   */
  checkFinalBalance(): void {
    for (const [showId, { bookings }] of this.database.shows) {
      const books = [...this.provider.books.values()].filter((payment) => payment.showId === showId);
      const captured = sumOf(books.flatMap(({ status, price }) => (status === 'succeeded' ? price.amount : [])));
      const refunded = sumOf(books.flatMap(({ refunds }) => [...refunds.values()]));
      const booked = sumOf(
        [...bookings.values()].flatMap(({ status, amounts }) => (status === 'booked' ? amounts : [])),
      );
      const fees = this.fees.get(showId) ?? 0;
      const balance = captured - refunded - booked - fees;
      const detail = `show ${showId}: ${captured} captured, ${refunded} refunded, ${booked} booked, ${fees} in fees`;
      this.oracle.expect('moneySettled', balance === 0, detail);
      if (booked > 0) this.calls.countEvent('money kept for booked seats');
    }
    const unsettled = JSON.stringify(this.unsettledPayments());
    this.oracle.expect('moneySettled', !this.isUnsettled, `payments took money but are not settled: ${unsettled}`);
    for (const { status, paymentId, bookingId, showId } of this.tables.payments.values()) {
      const booking = this.database.tablesOf(showId).bookings.get(bookingId);
      const bookingStatus = booking?.payment?.paymentId === paymentId ? booking.payment.status : status;
      const tookMoney = status === 'succeeded' || status === 'refunded';
      this.oracle.expect(
        'moneySettled',
        !tookMoney || bookingStatus === status,
        `payment ${paymentId} is ${status}, but its booking ${bookingId} says ${bookingStatus}`,
      );
      this.calls.countEvent(`payment ${status}`);
    }
  }

  private startPayment(node: SimulatedNode): string {
    const hold = this.pickHold();
    if (!hold) return 'no buyer holds seats';
    const { showId, booking } = hold;
    const payment = this.newPayment(hold);
    const { paymentId } = payment;
    const reconciler = this.reconcilerOf(node);
    const serve = async () => {
      const row = await this.tables.insertPayment(node, payment);
      const outcome = await reconciler.begin(row);
      this.calls.countEvent(`pay: ${outcome.type}`);
      if (outcome.type === 'done') await reconciler.open(row);
    };
    this.calls.send(
      node,
      `${booking.sessionId} pays for ${booking.bookingId} of show ${showId}`,
      serve,
      () => undefined,
    );
    return `a buyer starts ${paymentId}`;
  }

  private payAtProvider(): string {
    const open = [...this.provider.books.values()].filter(({ status }) => status !== 'succeeded');
    if (open.length === 0) return 'no payment is open';
    const payment = this.random.pick(open.slice(-4));
    this.provider.pay(payment);
    return `a buyer pays ${payment.paymentId} at the provider: ${payment.status}`;
  }

  private requestRefund(node: SimulatedNode): string {
    const booked = [...this.database.shows].flatMap(([showId, { bookings }]) =>
      [...bookings.values()].flatMap((booking) => (booking.status === 'booked' ? { showId, booking } : [])),
    );
    if (booked.length === 0) return 'no booking is paid';
    const { showId, booking } = this.random.pick(booked);
    const { bookingId, seats: all } = booking;
    const seats = this.random.integer(2) === 0 ? null : all.slice(0, 1 + this.random.integer(all.length));
    const by = this.random.pick(['buyer', 'staff'] as const);
    const serve = async () => {
      const outcome = await node.submit(showId, { type: 'refund', bookingId, seats, by });
      this.calls.countEvent(`refund: ${outcome.type}`);
    };
    this.calls.send(
      node,
      `${by} asks for a refund of ${bookingId}, seats ${seats?.join() ?? 'all'}`,
      serve,
      () => undefined,
    );
    return `a refund of ${bookingId} is requested`;
  }

  private newPayment({ showId, booking }: Hold) {
    return {
      showId,
      paymentId: `payment-${this.paymentCount++}`,
      bookingId: booking.bookingId,
      sessionId: booking.sessionId,
      provider: 'sandbox',
      method: 'card',
      amount: sumOf(booking.amounts),
      currency: booking.currency,
      onConflict: this.random.pick(['refuse', 'alternative'] as const),
      description: '',
      baseUrl: '',
      returnUrl: null,
      key: null,
    } as const;
  }

  private pickHold(): Hold | undefined {
    return this.holds.length > 0 ? this.random.pick(this.holds.slice(-6)) : undefined;
  }

  private reconcilerOf(node: SimulatedNode): PaymentReconciler {
    const shows = {
      submit: (showId: number, command: Parameters<SimulatedNode['submit']>[1]) => node.submit(showId, command),
      findBooking: (bookingId: string) =>
        this.database.runStatement(node, `find ${bookingId}`, () => {
          for (const [showId, { bookings }] of this.database.shows) {
            const booking = bookings.get(bookingId);
            if (booking) return { showId, booking: { ...booking } };
          }
          return null;
        }),
    };
    const gateway = this.provider.gatewayFor(node);
    return new PaymentReconciler(shows, this.tables.storeFor(node), this.bugs.plantGatewayBug?.(gateway) ?? gateway);
  }

  /** Checks that the payment of a booking captured exactly the price of the booking. */
  private checkCapture({ bookingId, amounts }: BookingRecord, paymentId: string): void {
    const payment = this.provider.books.get(paymentId);
    const isPaid = payment?.status === 'succeeded' && payment.price.amount === sumOf(amounts);
    this.oracle.expect('moneySettled', isPaid, `${paymentId} booked ${bookingId} but did not capture its price`);
  }

  private hadEnded(showId: number, { bookingId }: BookingRecord): boolean {
    const status = this.lastBookings.get(`${showId} ${bookingId}`)?.status;
    return status === 'expired' || status === 'released';
  }

  private addFee(showId: number, { booking, seats }: Refunded, refunded: number): void {
    const cost = sumOf(seats.map((seat) => this.paidPrices.get(`${booking.bookingId} ${seat}`) ?? 0));
    this.fees.set(showId, (this.fees.get(showId) ?? 0) + cost - refunded);
  }

  /**
   * Reports every error of a task as a violation, except errors that the simulation injected or that mean "try later".
   */
  private async reportErrors(task: string, work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      const isExpected =
        isNoEffectError(error) || error instanceof OutcomeUnknownError || error instanceof InjectedFault;
      const waits = error instanceof Error && error.message.includes('cannot be');
      if (isExpected || waits) this.calls.countEvent(`${task}: not now`);
      else this.oracle.expect('noInternalError', false, `${task}: ${String(error)}`);
    }
  }
}
