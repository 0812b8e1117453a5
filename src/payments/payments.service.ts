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

/** A request to start a payment. */
export interface PaymentCall {
  readonly sessionId: string;
  readonly bookingId: string;
  readonly body: PaymentBody;
  /** The idempotency key of the request, or null. */
  readonly key: string | null;
  /** The URL at which the client reaches this service. */
  readonly baseUrl: string;
}

/** Maximum number of payments that can be started for one booking. */
const paymentsMax = 20;

/** The provider's name in payments whose amount is 0. */
const freeProvider = 'none';

/**
 * Delay after which a worker opens a new payment. It is longer than the time that the request itself needs to open it.
 */
const openingMs = 15_000;

/** Starts payments, and returns payments and refunds. */
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
   * Starts a payment: opens it at the provider, which lengthens the hold once. If the provider does not respond, a worker
   * retries, and the result has no `redirectUrl` yet.
   *
   * @throws DomainError `NOT_FOUND`, `FORBIDDEN`, `BOOKING_STATE`, `SALE_CLOSED`, `KEY_REUSED`, `RATE_LIMITED`, `BUSY`
   */
  async start(call: PaymentCall): Promise<Payment> {
    const stored = await ownBooking(this.bookings, { by: 'session', sessionId: call.sessionId }, call.bookingId);
    const order = await this.createOrder(call, stored);
    const before = call.key === null ? null : await this.store.findByKey(order);
    if (before) return this.resume(requireSameOrder(before, order), stored);
    if (stored.booking.status !== 'reserved') throw bookingState(stored.booking.status);
    // The row is inserted first, so that a worker can continue if this node dies at any later step.
    const added = await this.store.add(order, openingMs, paymentsMax);
    if (!added) {
      const detail = `This booking already has ${paymentsMax} payments, which is the maximum.`;
      throw new DomainError('RATE_LIMITED', detail, { retryAfterMs: 60_000 });
    }
    if (!added.isNew) return this.resume(requireSameOrder(added.payment, order), stored);
    return this.beginAndOpen(added.payment);
  }

  /** Returns a payment of the session. @throws DomainError `NOT_FOUND`, `FORBIDDEN` */
  async get(sessionId: string, paymentId: string): Promise<Payment> {
    const payment = await this.store.findById(paymentId);
    if (!payment) throw createNotFoundError('payment');
    if (payment.sessionId !== sessionId)
      throw new DomainError('FORBIDDEN', 'This payment belongs to another session.', {});
    return toPayment(payment);
  }

  /** Lists the refunds of a booking, paid or pending. @throws DomainError `NOT_FOUND`, `FORBIDDEN` */
  async refunds(caller: BookingCaller, bookingId: string): Promise<Refund[]> {
    const { showId, booking } = await ownBooking(this.bookings, caller, bookingId);
    return this.store.refundsOf(showId, booking.bookingId);
  }

  private async createOrder(
    { body, key, baseUrl }: PaymentCall,
    { showId, booking }: StoredBooking,
  ): Promise<NewPayment> {
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

  /** Answers a repeated request. If the first request did not complete, its remaining steps are done now. */
  private async resume(payment: StoredPayment, { booking }: StoredBooking): Promise<Payment> {
    const isFree = payment.amount === 0;
    const isOpened = !isFree && (payment.reference !== null || booking.payment?.paymentId === payment.paymentId);
    if (isOpened || payment.status !== 'pending' || booking.status !== 'reserved') return toPayment(payment);
    return this.beginAndOpen(payment);
  }

  private async beginAndOpen(payment: StoredPayment): Promise<Payment> {
    await this.begin(payment);
    await this.open(payment);
    return toPayment((await this.store.find(payment)) ?? payment);
  }

  private async begin(payment: StoredPayment): Promise<void> {
    const outcome = await this.reconciler.begin(payment);
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
      this.logger.warn({ showId, paymentId, err: error }, 'could not open a payment at the provider; retrying');
    }
    await this.store.pollLater(payment, firstPollMs);
  }
}

/** Delay until the first poll of a payment that this request has opened. */
const firstPollMs = 2000;

/** Checks that a repeated request asks for the same payment. @throws DomainError `KEY_REUSED` if it does not */
function requireSameOrder(before: StoredPayment, { method, onConflict, returnUrl }: NewPayment): StoredPayment {
  const isSame = before.method === method && before.onConflict === onConflict && before.returnUrl === returnUrl;
  if (!isSame) throw toDomainError(keyReused());
  return before;
}

const toPayment = (stored: StoredPayment): Payment => {
  const { paymentId, bookingId, status, amount, currency, provider, redirectUrl, method, qrCode, failure } = stored;
  const facts = { paymentId, bookingId, status, price: { amount, currency }, provider, redirectUrl, method, qrCode };
  return { ...facts, ...(failure && { failure }) };
};
