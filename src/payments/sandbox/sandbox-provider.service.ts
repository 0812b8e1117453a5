import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { createId } from '../../common/ids.js';
import { CONFIG, type Config } from '../../config/config.js';
import { openMsMax } from '../payment-gateway.js';
import { type SandboxWebhook, SandboxBooks, type SandboxPaymentRow } from './sandbox-books.js';
import { type CardBehaviour, findCard, consentPays, consentRefused } from './sandbox-cards.js';
import { SandboxWebhookWorker } from './sandbox-webhook-worker.service.js';
import type { SandboxAnswer, SandboxEvent, SandboxOrder, SandboxPay, SandboxResult } from './sandbox-wire.js';
import type { z } from 'zod';

/** A payment provider for tests. It takes no money and treats each test card as the contract documents. */
@Injectable()
export class SandboxProvider {
  constructor(
    private readonly books: SandboxBooks,
    private readonly webhookWorker: SandboxWebhookWorker,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async open(order: SandboxOrder): Promise<SandboxAnswer> {
    const reference = createId();
    const redirectUrl = `${order.baseUrl}/sandbox/pay/${reference}`;
    return toAnswer(await this.books.open(order, { reference, redirectUrl }, openMsMax));
  }

  /**
   * Returns a payment as the API reports it, after the delay that its card causes. Returns null if there is no such
   * payment.
   */
  async fetchPayment(reference: string): Promise<SandboxAnswer | null> {
    const payment = await this.findAfterDelay(reference);
    return payment && toAnswer(payment);
  }

  /** Finds a payment for its page, without delay. */
  find(reference: string): Promise<SandboxPaymentRow | null> {
    return this.books.find(reference);
  }

  /** Ends the time for a payment that has taken no money. Returns null if there is no such payment. */
  async cancel(reference: string): Promise<SandboxAnswer | null> {
    await this.books.cancel(reference);
    return this.fetchPayment(reference);
  }

  /** Refunds money. @returns false if the refund exceeds what is left of the payment */
  async refund(reference: string, refundId: string, amount: number): Promise<boolean> {
    await this.findAfterDelay(reference);
    return this.books.refund(reference, refundId, amount);
  }

  /** Handles an attempt to pay on the page. */
  async pay(payment: SandboxPaymentRow, { card, code, consent }: z.output<typeof SandboxPay>): Promise<SandboxResult> {
    if (payment.status === 'succeeded') return { status: 'succeeded', message: 'This has been paid.' };
    if (payment.isOver) return { status: 'failed', message: 'The time for this payment is over.' };
    const behaviour = behaviourOf(card, consent);
    if (!behaviour) return { status: 'declined', message: 'There is no such card.' };
    if (behaviour.code !== undefined && code === undefined) {
      return { status: 'codeRequired', message: 'Your bank asks for the code that it has sent you.' };
    }
    const isRight = behaviour.code === undefined || behaviour.code === code;
    const outcome = isRight ? behaviour.outcome : 'declined';
    const { silentMs = 0 } = behaviour;
    const reportedPendingMs = behaviour.webhook === 'late' ? this.config.sandboxDelayMs : 0;
    const webhooks = this.webhooks(payment, outcome, behaviour);
    const isSettled = await this.books.settle(payment, { status: outcome, silentMs, reportedPendingMs, webhooks });
    if (!isSettled) return { status: 'failed', message: 'This payment has ended.' };
    this.webhookWorker.wake();
    if (silentMs > 0) await delay(silentMs, undefined, { ref: false });
    if (outcome === 'succeeded') return { status: 'succeeded', message: 'Paid. Thank you.' };
    return { status: 'declined', message: declinedWords(consent, isRight) };
  }

  private webhooks(
    payment: SandboxPaymentRow,
    outcome: 'declined' | 'succeeded',
    behaviour: CardBehaviour,
  ): SandboxWebhook[] {
    const { showId, paymentId, amount, currency } = payment;
    const event = (status: SandboxEvent['status'], inMs: number): SandboxWebhook => {
      const eventId = createId();
      const body: SandboxEvent = { eventId, showId, paymentId, status, price: { amount, currency } };
      return { eventId, body: JSON.stringify(body), inMs };
    };
    const report = event(outcome, behaviour.silentMs ?? 0);
    switch (behaviour.webhook) {
      case 'once':
        return [report];
      case 'late':
        return [{ ...report, inMs: this.config.sandboxDelayMs }];
      case 'twice':
        return [event('pending', 0), report, report];
      case 'never':
        return [];
    }
  }

  private async findAfterDelay(reference: string): Promise<SandboxPaymentRow | null> {
    const payment = await this.books.find(reference);
    if (payment && payment.silentMs > 0) await delay(payment.silentMs, undefined, { ref: false });
    return payment;
  }
}

function declinedWords(consent: 'yes' | 'no' | undefined, isRight: boolean): string {
  if (consent === 'no') return 'Not paid, as you decided.';
  return isRight ? 'The card was declined.' : 'The code is wrong.';
}

function behaviourOf(card: string | undefined, consent: 'yes' | 'no' | undefined): CardBehaviour | null {
  if (card !== undefined) return findCard(card);
  if (consent === undefined) return null;
  return consent === 'yes' ? consentPays : consentRefused;
}

/** Returns a payment as the provider's API reports it. */
export const toAnswer = ({
  reference,
  status,
  isOver,
  isReportedPending,
  amount,
  currency,
  redirectUrl,
}: SandboxPaymentRow): SandboxAnswer => ({
  reference,
  status: isReportedPending ? 'pending' : isOver ? 'failed' : status,
  price: { amount, currency },
  redirectUrl,
});
