import type { Money } from '@usher/contract';
import type { Random } from '../../../src/catalog/demo/random.js';
import {
  type OpenedPayment,
  type PaymentGateway,
  type PaymentOrder,
  PaymentRefusedError,
  type ProviderEvent,
  type RefundOrder,
  type SeenPayment,
  type SeenRefund,
} from '../../../src/payments/payment-gateway.js';
import { InjectedFault } from '../engine/simulated-errors.js';
import type { Scheduler } from '../engine/scheduler.js';

/** A payment in the provider's books. */
export interface ProviderPayment {
  readonly showId: number;
  readonly paymentId: string;
  readonly price: Money;
  status: 'pending' | 'declined' | 'succeeded';
  readonly refunds: Map<string, number>;
}

/** Where the provider sends its webhooks: some node, which answers or not. */
export type Receiver = (event: ProviderEvent) => Promise<void>;

/** How often a webhook that is not answered is sent again. */
const sendingsMax = 3;

/**
 * A payment provider beyond a network that loses, delays and doubles every message. Its books outlive every node. In the
 * end the network becomes reliable, but what it has lost stays lost.
 */
export class SimulatedProvider {
  readonly books = new Map<string, ProviderPayment>();
  isLossy = true;
  private readonly refusals = new Set<string>();
  private events = 0;

  constructor(
    private readonly random: Random,
    private readonly scheduler: Scheduler,
    private readonly receiver: () => Receiver,
    private readonly saw: (what: string) => void,
    /** Told of what no provider would do. */
    private readonly refuse: (what: string) => void,
  ) {}

  /** The provider as a node sees it; what the node waits for dies with it. */
  connect(node: object): PaymentGateway {
    return {
      provider: 'sandbox',
      open: async (order) => {
        const opened = await this.call(node, `open ${order.paymentId}`, () => this.open(order));
        if (opened === null) throw new PaymentRefusedError({ code: 'refused', detail: 'a test' });
        return opened;
      },
      look: (reference) => this.call(node, `look at ${reference}`, () => this.look(reference)),
      refund: (order) => this.call(node, `refund ${order.refundId}`, () => this.refund(order)),
      paymentOf: () => Promise.resolve(null),
      read: () => {
        throw new Error('webhooks come as events');
      },
    };
  }

  /** Someone pays, or their card is declined. Of what came of it the provider tells never, once or often. */
  pay(payment: ProviderPayment): void {
    if (payment.status === 'succeeded') return;
    const before = payment.status;
    payment.status = this.random.integer(5) === 0 ? 'declined' : 'succeeded';
    this.saw(`the provider: ${payment.status}`);
    const told = this.event(payment, payment.status);
    for (let times = this.random.integer(4); times > 0; times--) this.send(told, 1);
    if (this.random.integer(4) === 0) this.send(this.event(payment, before), 1);
  }

  /** Null: it is refused for good, however often it is asked for. */
  private open({ showId, paymentId, price }: PaymentOrder): OpenedPayment | null {
    if (this.refusals.has(paymentId)) return null;
    if (!this.books.has(paymentId)) {
      if (this.random.integer(12) === 0) {
        this.refusals.add(paymentId);
        this.saw('a payment is refused');
        return null;
      }
      this.books.set(paymentId, { showId, paymentId, price, status: 'pending', refunds: new Map() });
    }
    return { reference: paymentId, redirectUrl: `https://provider.example/${paymentId}`, qrCode: null };
  }

  private look(reference: string): SeenPayment {
    return seenOf(this.payment(reference));
  }

  private refund({ refundId, paymentReference, amount, reference }: RefundOrder): SeenRefund {
    const payment = this.payment(paymentReference);
    if (!payment.refunds.has(refundId)) payment.refunds.set(refundId, amount.amount);
    const refunded = [...payment.refunds.values()].reduce((sum, part) => sum + part, 0);
    if (payment.status !== 'succeeded' || refunded > payment.price.amount) {
      this.refuse(`${refunded} of ${payment.price.amount} of payment ${payment.paymentId} were refunded`);
    }
    // Some refunds take their time.
    const isPending = reference === null && this.random.integer(4) === 0;
    return { status: isPending ? 'pending' : 'paid', reference: refundId };
  }

  private payment(reference: string): ProviderPayment {
    const payment = this.books.get(reference);
    if (!payment) throw new Error(`the provider knows no payment ${reference}`);
    return payment;
  }

  private event(payment: ProviderPayment, status: ProviderPayment['status']): ProviderEvent {
    const { showId, paymentId } = payment;
    return { eventId: `event-${this.events++}`, showId, paymentId, seen: seenOf({ ...payment, status }) };
  }

  private send(event: ProviderEvent, sending: number): void {
    const go = () => {
      if (this.isLossy && this.random.integer(6) === 0) {
        this.saw('a webhook is lost');
        return;
      }
      this.receiver()(event).catch(() => {
        if (sending < sendingsMax) this.send(event, sending + 1);
      });
    };
    this.scheduler.add({ owner: this, label: `webhook ${event.eventId}: ${event.paymentId} ${event.seen.status}`, go });
  }

  /** A call to the provider: the request outlives its node, the answer does not, and each may be lost. */
  private call<T>(node: object, label: string, run: () => T): Promise<T> {
    const { random, scheduler } = this;
    const isLost = () => this.isLossy && random.integer(8) === 0;
    return new Promise((resolve, reject) => {
      const answer = (go: () => void) => scheduler.add({ owner: node, label: `${label}: the provider answers`, go });
      const timeOut = (what: string) => {
        this.saw(what);
        answer(() => reject(new InjectedFault('the provider does not answer')));
      };
      const go = () => {
        if (isLost()) return timeOut('a call to the provider is lost');
        const result = run();
        if (this.isLossy && random.integer(10) === 0) run();
        if (isLost()) return timeOut('an answer of the provider is lost');
        answer(() => resolve(result));
      };
      scheduler.add({ owner: this, label, go });
    });
  }
}

const seenOf = ({ status, price }: ProviderPayment): SeenPayment =>
  status === 'succeeded' ? { status, captured: price } : { status };
