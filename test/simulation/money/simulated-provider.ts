import type { Money } from '@usher/contract';
import type { Random } from '../../../src/catalog/demo/random.js';
import {
  type OpenedPayment,
  type PaymentGateway,
  type PaymentOrder,
  PaymentRefusedError,
  type ProviderEvent,
  type RefundOrder,
  type PaymentReport,
  type RefundReport,
} from '../../../src/payments/payment-gateway.js';
import { InjectedFault } from '../engine/simulated-errors.js';
import type { Scheduler } from '../engine/scheduler.js';

/** A payment as the provider records it. */
export interface ProviderPayment {
  readonly showId: number;
  readonly paymentId: string;
  readonly price: Money;
  status: 'pending' | 'declined' | 'succeeded';
  readonly refunds: Map<string, number>;
}

/** Receives a webhook on some node. Rejects if the node does not answer. */
export type WebhookReceiver = (event: ProviderEvent) => Promise<void>;

/** Maximum number of times that the provider sends one webhook. */
const webhookAttemptsMax = 3;

/**
 * Simulates a payment provider behind a network that loses, delays and duplicates messages. The provider's records
 * survive the death of any node. At the end of a run the network becomes reliable, but it does not deliver the messages
 * that it lost before.
 */
export class SimulatedProvider {
  readonly books = new Map<string, ProviderPayment>();
  isLossy = true;
  private readonly refusedPayments = new Set<string>();
  private events = 0;

  constructor(
    private readonly random: Random,
    private readonly scheduler: Scheduler,
    private readonly receiver: () => WebhookReceiver,
    private readonly countEvent: (event: string) => void,
    /** Reports a request that a real provider would reject. */
    private readonly reportViolation: (detail: string) => void,
  ) {}

  /** Returns the payment gateway that `node` uses. If the node dies, it receives no further answers. */
  gatewayFor(node: object): PaymentGateway {
    return {
      provider: 'sandbox',
      open: async (order) => {
        const opened = await this.call(node, `open ${order.paymentId}`, () => this.open(order));
        if (opened === null) throw new PaymentRefusedError({ code: 'refused', detail: 'a test' });
        return opened;
      },
      fetchPayment: (reference) => this.call(node, `look at ${reference}`, () => this.look(reference)),
      cancel: () => Promise.reject(new Error('cancel is not simulated, because the simulation erases no sessions')),
      refund: (order) => this.call(node, `refund ${order.refundId}`, () => this.refund(order)),
      findPayment: () => Promise.resolve(null),
      parseWebhook: () => {
        throw new Error('parseWebhook is not simulated, because the simulation delivers webhooks as parsed events');
      },
    };
  }

  /**
   * Pays a payment, or declines the card. The provider then sends up to three webhooks with the new status, and
   * sometimes one with the old status.
   */
  pay(payment: ProviderPayment): void {
    if (payment.status === 'succeeded') return;
    const before = payment.status;
    payment.status = this.random.integer(5) === 0 ? 'declined' : 'succeeded';
    this.countEvent(`the provider reports: ${payment.status}`);
    const event = this.event(payment, payment.status);
    for (let times = this.random.integer(4); times > 0; times--) this.send(event, 1);
    if (this.random.integer(4) === 0) this.send(this.event(payment, before), 1);
  }

  /** Opens a payment. Returns null if the provider refuses it. The provider refuses the same payment every time. */
  private open({ showId, paymentId, price }: PaymentOrder): OpenedPayment | null {
    if (this.refusedPayments.has(paymentId)) return null;
    if (!this.books.has(paymentId)) {
      if (this.random.integer(12) === 0) {
        this.refusedPayments.add(paymentId);
        this.countEvent('a payment is refused');
        return null;
      }
      this.books.set(paymentId, { showId, paymentId, price, status: 'pending', refunds: new Map() });
    }
    return { reference: paymentId, redirectUrl: `https://provider.example/${paymentId}`, qrCode: null };
  }

  private look(reference: string): PaymentReport {
    return toReport(this.payment(reference));
  }

  private refund({ refundId, paymentReference, amount, reference }: RefundOrder): RefundReport {
    const payment = this.payment(paymentReference);
    if (!payment.refunds.has(refundId)) payment.refunds.set(refundId, amount.amount);
    const refunded = [...payment.refunds.values()].reduce((sum, part) => sum + part, 0);
    if (payment.status !== 'succeeded' || refunded > payment.price.amount) {
      this.reportViolation(`${refunded} of ${payment.price.amount} of payment ${payment.paymentId} was refunded`);
    }
    // Some refunds stay pending for a while.
    const isPending = reference === null && this.random.integer(4) === 0;
    return { status: isPending ? 'pending' : 'paid', reference: refundId };
  }

  private payment(reference: string): ProviderPayment {
    const payment = this.books.get(reference);
    if (!payment) throw new Error(`the provider has no payment ${reference}`);
    return payment;
  }

  private event(payment: ProviderPayment, status: ProviderPayment['status']): ProviderEvent {
    const { showId, paymentId } = payment;
    return { eventId: `event-${this.events++}`, showId, paymentId, report: toReport({ ...payment, status }) };
  }

  private send(event: ProviderEvent, attempt: number): void {
    const go = () => {
      if (this.isLossy && this.random.integer(6) === 0) {
        this.countEvent('a webhook is lost');
        return;
      }
      this.receiver()(event).catch(() => {
        if (attempt < webhookAttemptsMax) this.send(event, attempt + 1);
      });
    };
    this.scheduler.schedule({
      owner: this,
      label: `webhook ${event.eventId}: ${event.paymentId} ${event.report.status}`,
      run: go,
    });
  }

  /**
   * Calls the provider. If the calling node dies, the request still arrives, but the answer does not. The network may
   * lose the request or the answer.
   */
  private call<T>(node: object, label: string, run: () => T): Promise<T> {
    const { random, scheduler } = this;
    const isLost = () => this.isLossy && random.integer(8) === 0;
    return new Promise((resolve, reject) => {
      const answer = (go: () => void) =>
        scheduler.schedule({ owner: node, label: `${label}: the provider answers`, run: go });
      const timeOut = (event: string) => {
        this.countEvent(event);
        answer(() => reject(new InjectedFault('the provider does not answer')));
      };
      const go = () => {
        if (isLost()) return timeOut('a call to the provider is lost');
        const result = run();
        if (this.isLossy && random.integer(10) === 0) run();
        if (isLost()) return timeOut('an answer of the provider is lost');
        answer(() => resolve(result));
      };
      scheduler.schedule({ owner: this, label, run: go });
    });
  }
}

const toReport = ({ status, price }: ProviderPayment): PaymentReport =>
  status === 'succeeded' ? { status, captured: price } : { status };
