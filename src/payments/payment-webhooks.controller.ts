import { Controller, HttpCode, Inject, Logger, Param, Post, Req } from '@nestjs/common';
import { PaymentWebhookParams } from '@usher/contract';
import type { Request } from 'express';
import type { z } from 'zod';
import { DomainError, createNotFoundError } from '../common/domain-error.js';
import {
  type CaptureEvent,
  ForgedWebhookError,
  PAYMENT_GATEWAY,
  type PaymentGateway,
  type ProviderEvent,
} from './payment-gateway.js';
import { PaymentWorkers } from './payment-workers.service.js';
import { PostgresPaymentStore } from './postgres-payment-store.js';

/** Receives the webhooks of payment providers. It stores each verified webhook once, and a worker handles it later. */
@Controller('v1/payments/webhooks')
export class PaymentWebhooksController {
  private readonly logger = new Logger(PaymentWebhooksController.name);

  constructor(
    @Inject(PAYMENT_GATEWAY) private readonly gateway: PaymentGateway,
    private readonly store: PostgresPaymentStore,
    private readonly workers: PaymentWorkers,
  ) {}

  @Post(':provider')
  @HttpCode(200)
  async receivePaymentWebhook(
    @Param({ schema: PaymentWebhookParams }) { provider }: z.output<typeof PaymentWebhookParams>,
    @Req() request: Request,
  ): Promise<Record<string, never>> {
    if (provider !== this.gateway.provider) throw createNotFoundError('payment provider');
    const event = await this.withPayment(provider, this.parse(request));
    if (event && (await this.store.addEvent(provider, event))) this.workers.wakeForEvent();
    return {};
  }

  /** Adds the payment to a webhook that names only a capture. Returns null if the payment belongs to another service. */
  private async withPayment(
    provider: string,
    event: ProviderEvent | CaptureEvent | null,
  ): Promise<ProviderEvent | null> {
    if (event === null || 'paymentId' in event) return event;
    const { captureReference, eventId, report } = event;
    const key =
      (await this.store.findByCapture(provider, captureReference)) ??
      (await this.gateway.findPayment(captureReference));
    return key && { eventId, report, showId: key.showId, paymentId: key.paymentId };
  }

  private parse({ body, headers, ip }: Request): ProviderEvent | CaptureEvent | null {
    try {
      // The signature covers the raw bytes, which `keepWebhookBodies` preserves.
      return this.gateway.parseWebhook(Buffer.isBuffer(body) ? body : Buffer.alloc(0), headers);
    } catch (error) {
      if (!(error instanceof ForgedWebhookError)) throw error;
      this.logger.warn(
        { from: ip, reason: error.message },
        'refused a payment webhook because its signature is not valid',
      );
      throw new DomainError('UNAUTHENTICATED', 'The signature of this webhook is not valid.', {});
    }
  }
}
