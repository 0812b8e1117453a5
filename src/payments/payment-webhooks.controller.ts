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

/** Where payment providers call: an event that verifies is kept once and answered at once, and handled after. */
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
    const event = await this.named(provider, this.read(request));
    if (event && (await this.store.addEvent(provider, event))) this.workers.wakeForEvent();
    return {};
  }

  /** Finds the payment of an event that names only money which the provider took; null: it is of another service. */
  private async named(provider: string, event: ProviderEvent | CaptureEvent | null): Promise<ProviderEvent | null> {
    if (event === null || 'paymentId' in event) return event;
    const { captureReference, eventId, seen } = event;
    const key =
      (await this.store.findByCapture(provider, captureReference)) ?? (await this.gateway.paymentOf(captureReference));
    return key && { eventId, seen, showId: key.showId, paymentId: key.paymentId };
  }

  private read({ body, headers, ip }: Request): ProviderEvent | CaptureEvent | null {
    try {
      // The signature is over the bytes as they came: see `keepWebhookBodies`.
      return this.gateway.read(Buffer.isBuffer(body) ? body : Buffer.alloc(0), headers);
    } catch (error) {
      if (!(error instanceof ForgedWebhookError)) throw error;
      this.logger.warn({ from: ip, reason: error.message }, 'a webhook does not verify');
      throw new DomainError('UNAUTHENTICATED', 'The signature of this webhook does not verify.', {});
    }
  }
}
