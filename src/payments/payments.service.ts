import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Booking, Payment, PaymentBody, Refund } from '@usher/contract';
import { CatalogService } from '../catalog/index.js';
import { DomainError, createNotFoundError, toDomainError } from '../common/domain-error.js';
import { createId } from '../common/ids.js';
import type { BookingCaller } from '../access/index.js';
import {
  bookingState,
  keyReused,
  ownBooking,
  BookingRepository,
  ShowsService,
  type StoredBooking,
} from '../shows/index.js';
import { PAYMENT_GATEWAY, type PaymentGateway } from './payment-gateway.js';
import type { NewPayment, StoredPayment } from './payment-store.js';
import { PostgresPaymentStore } from './postgres-payment-store.js';
import { PAYMENT_RECONCILER, type PaymentReconciler } from './payment-reconciler.js';

/** Who pays for what, and how. */
export interface PaymentCall {
  readonly sessionId: string;
  readonly bookingId: string;
  readonly body: PaymentBody;
  /** The idempotency key, or null. */
  readonly key: string | null;
  /** Where the caller reaches this service. */
  readonly baseUrl: string;
}

/** Payments that may be begun for one booking. */
const paymentsMax = 20;

/** Named as the provider of a payment where nothing is to be paid. */
const freeProvider = 'none';

/** Longer than the first opening takes: if it is cut short, a node opens the payment after this. */
const openingMs = 15_000;

/** Start paying, read payments. */
@Injectable()
export class PaymentsService {
  private readonly logger = new Logger(PaymentsService.name);

  constructor(
    private readonly shows: ShowsService,
    private readonly bookings: BookingRepository,
    private readonly catalog: CatalogService,
    private readonly store: PostgresPaymentStore,
    @Inject(PAYMENT_GATEWAY) private readonly gateway: PaymentGateway,
    @Inject(PAYMENT_RECONCILER) private readonly reconciler: PaymentReconciler,
  ) {}

  /**
   * Starts paying: the hold lasts longer, once, and the provider opens a payment. One that does not answer is asked again
   * later; the answer has no `redirectUrl` then.
   *
   * @throws DomainError `NOT_FOUND`, `FORBIDDEN`, `BOOKING_STATE`, `SALE_CLOSED`, `KEY_REUSED`, `RATE_LIMITED`, `BUSY`
   */
  async start(call: PaymentCall): Promise<Payment> {
    const stored = await ownBooking(this.bookings, { by: 'session', sessionId: call.sessionId }, call.bookingId);
    const order = await this.order(call, stored);
    const before = call.key === null ? null : await this.store.findByKey(order);
    if (before) return this.again(sameOrder(before, order), stored);
    if (stored.booking.status !== 'reserved') throw bookingState(stored.booking.status);
    // Before anything is done: whatever is cut short from here on is found by its row.
    const added = await this.store.add(order, openingMs, paymentsMax);
    if (!added) {
      const detail = `${paymentsMax} payments of this booking were begun already.`;
      throw new DomainError('RATE_LIMITED', detail, { retryAfterMs: 60_000 });
    }
    if (!added.isNew) return this.again(sameOrder(added.payment, order), stored);
    return this.beginAndOpen(added.payment);
  }

  /** One payment of the session. @throws DomainError `NOT_FOUND`, `FORBIDDEN` */
  async get(sessionId: string, paymentId: string): Promise<Payment> {
    const payment = await this.store.findById(paymentId);
    if (!payment) throw createNotFoundError('payment');
    if (payment.sessionId !== sessionId) throw new DomainError('FORBIDDEN', 'This payment is another session’s.', {});
    return toPayment(payment);
  }

  /** What of a booking's money goes back, or has gone back. @throws DomainError `NOT_FOUND`, `FORBIDDEN` */
  async refunds(caller: BookingCaller, bookingId: string): Promise<Refund[]> {
    const { showId, booking } = await ownBooking(this.bookings, caller, bookingId);
    return this.store.refundsOf(showId, booking.bookingId);
  }

  private async order({ body, key, baseUrl }: PaymentCall, { showId, booking }: StoredBooking): Promise<NewPayment> {
    const shown = await this.shows.toBooking(showId, booking);
    return {
      showId,
      paymentId: createId(),
      bookingId: booking.bookingId,
      sessionId: booking.sessionId,
      provider: shown.total.amount === 0 ? freeProvider : this.gateway.provider,
      method: body.method,
      ...shown.total,
      onConflict: body.onConflict ?? 'refuse',
      description: await this.describe(shown),
      baseUrl,
      returnUrl: body.returnUrl ?? null,
      key,
    };
  }

  private async describe({ showId, seats }: Booking): Promise<string> {
    const { movie } = await this.catalog.show(showId);
    return `${movie.title}: ${seats.map(({ label }) => label).join(', ')}`;
  }

  /** The key came before. What that call was cut short in, or too busy for, is done now. */
  private async again(payment: StoredPayment, { booking }: StoredBooking): Promise<Payment> {
    const isFree = payment.amount === 0;
    const isBegun = !isFree && (payment.reference !== null || booking.payment?.paymentId === payment.paymentId);
    if (isBegun || payment.status !== 'pending' || booking.status !== 'reserved') return toPayment(payment);
    return this.beginAndOpen(payment);
  }

  private async beginAndOpen(payment: StoredPayment): Promise<Payment> {
    await this.begin(payment);
    await this.open(payment);
    return toPayment((await this.store.find(payment)) ?? payment);
  }

  private async begin(payment: StoredPayment): Promise<void> {
    const outcome = await this.reconciler.extendHold(payment);
    if (outcome.type === 'done') return;
    if (outcome.type === 'refused') throw toDomainError(outcome.error);
    const now = await this.bookings.find(payment.bookingId);
    throw bookingState(now?.booking.status ?? 'expired');
  }

  private async open(payment: StoredPayment): Promise<void> {
    try {
      if (payment.amount === 0) return await this.reconciler.bookFree(payment);
      await this.reconciler.open(payment);
    } catch (error) {
      const { showId, paymentId } = payment;
      this.logger.warn({ showId, paymentId, err: error }, 'a payment could not be opened; it is tried again');
    }
    await this.store.lookLater(payment, firstLookMs);
  }
}

/** How soon after it was begun a payment is looked at. */
const firstLookMs = 2000;

/** @throws DomainError `KEY_REUSED` when the key came with another body */
function sameOrder(before: StoredPayment, { method, onConflict, returnUrl }: NewPayment): StoredPayment {
  const isSame = before.method === method && before.onConflict === onConflict && before.returnUrl === returnUrl;
  if (!isSame) throw toDomainError(keyReused());
  return before;
}

const toPayment = (stored: StoredPayment): Payment => {
  const { paymentId, bookingId, status, amount, currency, provider, redirectUrl, method, qrCode, failure } = stored;
  const facts = { paymentId, bookingId, status, price: { amount, currency }, provider, redirectUrl, method, qrCode };
  return { ...facts, ...(failure && { failure }) };
};
