import type { Random } from '../../../src/catalog/demo/random.js';
import type { PaymentGateway } from '../../../src/payments/payment-gateway.js';
import { Settling } from '../../../src/payments/settling.js';
import type { BookingRecord } from '../../../src/shows/core/booking-record.js';
import type { ShowTerms } from '../../../src/shows/core/show-terms.js';
import type { ShowCommit } from '../../../src/shows/store/show-store.js';
import { InjectedFault } from '../engine/simulated-errors.js';
import type { Oracle } from '../oracle/oracle.js';
import type { SimulatedCalls } from '../clients/simulated-calls.js';
import type { SimulatedDatabase } from '../database/simulated-database.js';
import { isNothingDone, type SimulatedNode } from '../nodes/simulated-node.js';
import { OutcomeUnknownError } from '../../../src/shows/lane/show-lane.js';
import { SimulatedPaymentTables } from './simulated-payment-tables.js';
import { SimulatedProvider } from './simulated-provider.js';
import type { PaymentChange } from '../../../src/shows/core/payment/payment-change.js';

type Refunded = Extract<PaymentChange, { type: 'refunded' }>;

/** Puts a bug into what a node does with payments. */
export interface MoneySpoilers {
  readonly gateway?: (gateway: PaymentGateway) => PaymentGateway;
}

/** A booking that somebody may pay for, or was paid. */
interface Held {
  readonly showId: number;
  readonly booking: BookingRecord;
}

const sumOf = (amounts: Iterable<number>): number => [...amounts].reduce((sum, amount) => sum + amount, 0);

/** Buyers who pay, a provider that is paid, nodes that settle; and promise 9, to the cent. */
export class SimulatedMoney {
  readonly provider: SimulatedProvider;
  private readonly tables: SimulatedPaymentTables;
  private readonly held: Held[] = [];
  /** What was paid for each seat of each booking: prices change. */
  private readonly paid = new Map<string, number>();
  /** What buyers were charged for refunds, by show. */
  private readonly fees = new Map<number, number>();
  private made = 0;

  constructor(
    private readonly random: Random,
    private readonly database: SimulatedDatabase,
    private readonly calls: SimulatedCalls,
    private readonly oracle: Oracle,
    private readonly nodes: () => readonly SimulatedNode[],
    private readonly spoil: MoneySpoilers,
  ) {
    this.tables = new SimulatedPaymentTables(database);
    this.provider = new SimulatedProvider(
      random,
      database.scheduler,
      () => {
        const node = random.pick(nodes());
        return (event) => this.tables.receive(node, event);
      },
      calls.saw,
      (what) => oracle.expect(9, false, what),
    );
  }

  /** A show whose refunds cost something, for half of the shows. */
  static terms(terms: ShowTerms): ShowTerms {
    if (terms.showId % 2 === 0) return terms;
    return { ...terms, rules: { ...terms.rules, refunds: { deadlineMinutes: 0, feeAmount: 100 } } };
  }

  /** Somebody starts to pay, pays, or wants their money back; or a node does what payments wait for. */
  act(node: SimulatedNode): string {
    const chance = this.random.integer(10);
    if (chance < 2) return this.start(node);
    if (chance < 4) return this.pay();
    if (chance < 5) return this.refund(node);
    this.drain(node);
    return `${node.name} looks after payments`;
  }

  /** Does what is due on a node. */
  drain(node: SimulatedNode): void {
    const settling = this.settling(node);
    const work = async () => {
      const { payment, event, refund } = await this.tables.claim(node);
      await Promise.all([
        payment && this.done('a payment is tended', settling.tend(payment)),
        event && this.done('an event is handled', settling.handle(event)),
        refund && this.done('a refund is sent', settling.refund(refund)),
      ]);
    };
    void this.done('a look at payments', work());
  }

  /** Looks at what a commit did to money. */
  committed({ showId, entry }: ShowCommit): void {
    for (const change of entry.changes) {
      if (change.type === 'reserved') this.held.push({ showId, booking: change.booking });
      if (change.type === 'booked') {
        const { bookingId, seats, amounts } = change.booking;
        seats.forEach((seat, index) => this.paid.set(`${bookingId} ${seat}`, amounts[index] ?? 0));
        this.calls.saw(change.booking.substituted ? 'booked: seats like them' : 'booked');
        if (change.booking.expiresAt === null && this.wasOver(showId, change.booking)) this.calls.saw('booked again');
        this.isCaptured(change.booking, change.paymentId);
      }
      if (change.type === 'refunded' || change.type === 'returned') this.calls.saw(`refund: ${change.refund.kind}`);
      if (change.type === 'refunded') {
        const { kind, amount } = change.refund;
        this.charge(showId, change, amount);
        this.oracle.expect(9, amount >= 0, `a refund of ${amount} (${kind})`);
      }
    }
    for (const booking of this.database.tables(showId).bookings.values()) this.keep(showId, booking);
  }

  /** When something is due. */
  dueTimes(): number[] {
    return this.tables.dueTimes();
  }

  /** Whether anything is still to be settled: money that was taken, a refusal, a webhook, a refund. */
  get isUnsettled(): boolean {
    const isRefusalOpen = [...this.tables.payments.values()].some(
      ({ failure, dueAt }) => failure !== null && dueAt !== null,
    );
    return isRefusalOpen || this.tables.isBusy || this.unsettled().length > 0;
  }

  private unsettled() {
    const captured = [...this.provider.books.values()].filter(({ status }) => status === 'succeeded');
    return captured
      .map(({ paymentId }) => this.tables.payments.get(paymentId))
      .filter((payment) => payment?.status !== 'succeeded' && payment?.status !== 'refunded');
  }

  /** In the end: captured − refunded is the value of the booked seats and the fees, to the cent. */
  judgeTheEnd(): void {
    for (const [showId, { bookings }] of this.database.shows) {
      const books = [...this.provider.books.values()].filter((payment) => payment.showId === showId);
      const captured = sumOf(books.flatMap(({ status, price }) => (status === 'succeeded' ? price.amount : [])));
      const refunded = sumOf(books.flatMap(({ refunds }) => [...refunds.values()]));
      const booked = sumOf(
        [...bookings.values()].flatMap(({ status, amounts }) => (status === 'booked' ? amounts : [])),
      );
      const fees = this.fees.get(showId) ?? 0;
      const balance = captured - refunded - booked - fees;
      const what = `${captured} captured, ${refunded} refunded, ${booked} booked, ${fees} in fees`;
      this.oracle.expect(9, balance === 0, `show ${showId}: ${what}`);
      if (booked > 0) this.calls.saw('money stays');
    }
    const left = JSON.stringify(this.unsettled());
    this.oracle.expect(9, !this.isUnsettled, `money was taken and is not settled: ${left}`);
    for (const { status, paymentId, bookingId, showId } of this.tables.payments.values()) {
      const booking = this.database.tables(showId).bookings.get(bookingId);
      const says = booking?.payment?.paymentId === paymentId ? booking.payment.status : status;
      const tookMoney = status === 'succeeded' || status === 'refunded';
      this.oracle.expect(
        9,
        !tookMoney || says === status,
        `booking ${bookingId} says ${says} of payment ${paymentId}: ${status}`,
      );
      this.calls.saw(`payment ${status}`);
    }
  }

  private start(node: SimulatedNode): string {
    const one = this.some();
    if (!one) return 'nobody holds seats';
    const { showId, booking } = one;
    const payment = this.newPayment(one);
    const { paymentId } = payment;
    const settling = this.settling(node);
    const serve = async () => {
      const row = await this.tables.add(node, payment);
      const outcome = await settling.begin(row);
      this.calls.saw(`pay: ${outcome.type}`);
      if (outcome.type === 'done') await settling.open(row);
    };
    this.calls.make(node, `${booking.sessionId} pays for ${booking.bookingId} of ${showId}`, serve, () => undefined);
    return `${paymentId} is begun`;
  }

  private pay(): string {
    const open = [...this.provider.books.values()].filter(({ status }) => status !== 'succeeded');
    if (open.length === 0) return 'nothing is to be paid';
    const payment = this.random.pick(open.slice(-4));
    this.provider.pay(payment);
    return `${payment.paymentId} is paid: ${payment.status}`;
  }

  private refund(node: SimulatedNode): string {
    const booked = [...this.database.shows].flatMap(([showId, { bookings }]) =>
      [...bookings.values()].flatMap((booking) => (booking.status === 'booked' ? { showId, booking } : [])),
    );
    if (booked.length === 0) return 'nothing is booked';
    const { showId, booking } = this.random.pick(booked);
    const { bookingId, seats: all } = booking;
    const seats = this.random.integer(2) === 0 ? null : all.slice(0, 1 + this.random.integer(all.length));
    const by = this.random.pick(['buyer', 'staff'] as const);
    const serve = async () => {
      const outcome = await node.submit(showId, { type: 'refund', bookingId, seats, by });
      this.calls.saw(`refund: ${outcome.type}`);
    };
    this.calls.make(node, `${by} gives ${seats?.join() ?? 'all'} of ${bookingId} back`, serve, () => undefined);
    return `a refund of ${bookingId}`;
  }

  private newPayment({ showId, booking }: Held) {
    return {
      showId,
      paymentId: `payment-${this.made++}`,
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

  private some(): Held | undefined {
    return this.held.length > 0 ? this.random.pick(this.held.slice(-6)) : undefined;
  }

  private settling(node: SimulatedNode): Settling {
    const shows = {
      submit: (showId: number, command: Parameters<SimulatedNode['submit']>[1]) => node.submit(showId, command),
      findBooking: (bookingId: string) =>
        this.database.call(node, `find ${bookingId}`, () => {
          for (const [showId, { bookings }] of this.database.shows) {
            const booking = bookings.get(bookingId);
            if (booking) return { showId, booking: { ...booking } };
          }
          return null;
        }),
    };
    const gateway = this.provider.connect(node);
    return new Settling(shows, this.tables.connect(node), this.spoil.gateway?.(gateway) ?? gateway);
  }

  /** No booked seat without capture. */
  private isCaptured({ bookingId, amounts }: BookingRecord, paymentId: string): void {
    const payment = this.provider.books.get(paymentId);
    const isPaid = payment?.status === 'succeeded' && payment.price.amount === sumOf(amounts);
    this.oracle.expect(9, isPaid, `booking ${bookingId} is booked by ${paymentId}, which took no such money`);
  }

  /** Each booking as it was when it had its seats, to know what they had cost. */
  private readonly before = new Map<string, BookingRecord>();

  private keep(showId: number, booking: BookingRecord): void {
    this.before.set(`${showId} ${booking.bookingId}`, booking);
  }

  private wasOver(showId: number, { bookingId }: BookingRecord): boolean {
    const status = this.before.get(`${showId} ${bookingId}`)?.status;
    return status === 'expired' || status === 'released';
  }

  private charge(showId: number, { booking, seats }: Refunded, refunded: number): void {
    const cost = sumOf(seats.map((seat) => this.paid.get(`${booking.bookingId} ${seat}`) ?? 0));
    this.fees.set(showId, (this.fees.get(showId) ?? 0) + cost - refunded);
  }

  private async done(what: string, work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      const isExpected = isNothingDone(error) || error instanceof OutcomeUnknownError || error instanceof InjectedFault;
      const waits = error instanceof Error && error.message.includes('cannot be');
      if (isExpected || waits) this.calls.saw(`${what}: not now`);
      else this.oracle.expect('lane', false, `${what}: ${String(error)}`);
    }
  }
}
