import { Inject, Injectable } from '@nestjs/common';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { z } from 'zod';
import {
  answerMsMax,
  ForgedWebhookError,
  type OpenedPayment,
  type PaymentGateway,
  type PaymentOrder,
  PaymentRefusedError,
  type ProviderEvent,
  type RefundOrder,
  type PaymentReport,
  type RefundReport,
} from '../payment-gateway.js';
import { ListenAddress } from '../../common/listen-address.js';
import { phoneUrl } from './pay-page.js';
import { SANDBOX_SECRETS, type SandboxSecrets } from './sandbox-secrets.js';
import { SandboxAnswer, SandboxEvent } from './sandbox-wire.js';

/** Calls the sandbox provider over HTTP, as it would call an external provider. */
@Injectable()
export class SandboxGateway implements PaymentGateway {
  readonly provider = 'sandbox';

  constructor(
    private readonly address: ListenAddress,
    @Inject(SANDBOX_SECRETS) private readonly secrets: SandboxSecrets,
  ) {}

  async open(order: PaymentOrder): Promise<OpenedPayment> {
    const answer = await this.call('POST', 'payments', order).catch((error: unknown) => {
      if (!isFinal(error)) throw error;
      const detail = 'The payment provider refused this payment.';
      throw new PaymentRefusedError({ code: 'refused', detail }, { cause: error });
    });
    const { reference, redirectUrl } = SandboxAnswer.parse(answer);
    return { reference, redirectUrl, qrCode: order.method === 'qr' ? phoneUrl(redirectUrl) : null };
  }

  async fetchPayment(reference: string): Promise<PaymentReport> {
    return toPaymentReport(await this.call('GET', `payments/${reference}`));
  }

  async cancel(reference: string): Promise<PaymentReport> {
    return toPaymentReport(await this.call('POST', `payments/${reference}/cancel`));
  }

  async refund({ refundId, paymentReference, amount }: RefundOrder): Promise<RefundReport> {
    const body = { refundId, amount: amount.amount };
    const { reference } = z
      .object({ reference: z.string() })
      .parse(await this.call('POST', `payments/${paymentReference}/refunds`, body));
    return { status: 'paid', reference };
  }

  parseWebhook(body: Buffer, headers: Readonly<Record<string, string | string[] | undefined>>): ProviderEvent | null {
    const { eventId, showId, paymentId, status, price } = SandboxEvent.parse(this.verified(body, headers));
    return {
      eventId,
      showId,
      paymentId,
      report: status === 'succeeded' ? { status, captured: price } : { status },
    };
  }

  /** The sandbox's webhooks always name the payment, so this method is never needed. */
  findPayment(): Promise<null> {
    return Promise.resolve(null);
  }

  private verified(body: Buffer, headers: Readonly<Record<string, string | string[] | undefined>>): unknown {
    const single = Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    );
    try {
      return new Webhook(this.secrets.webhookSecret).verify(body, Object.fromEntries(single));
    } catch (error) {
      if (error instanceof WebhookVerificationError) throw new ForgedWebhookError(error.message);
      throw error;
    }
  }

  private async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const timeout = AbortSignal.timeout(answerMsMax);
    const answer = await fetch(`${await this.address.url()}/sandbox/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.secrets.apiKey}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: timeout,
    }).catch((error: unknown) => {
      throw timeout.aborted ? new Error('the sandbox provider did not respond in time') : error;
    });
    if (!answer.ok) throw new SandboxResponseError(answer.status);
    return answer.json();
  }
}

/** Thrown if the sandbox provider responds with an error status. */
class SandboxResponseError extends Error {
  override readonly name = 'SandboxResponseError';

  constructor(readonly status: number) {
    super(`the sandbox provider responded with status ${status}`);
  }
}

function toPaymentReport(answer: unknown): PaymentReport {
  const { status, price } = SandboxAnswer.parse(answer);
  return status === 'succeeded' ? { status, captured: price } : { status };
}

/** Returns true if a retry would fail in the same way. */
const isFinal = (error: unknown): boolean => error instanceof SandboxResponseError && error.status === 400;
