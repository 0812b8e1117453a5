import { Controller, HttpCode, Inject, Logger, Param, Post, Req } from '@nestjs/common';
import { PaymentWebhookParams } from '@usher/contract';
import type { Request } from 'express';
import type { z } from 'zod';
import { DomainError, notFound } from '../common/domain-error.js';
import { ForgedWebhookError, PAYMENT_GATEWAY, type PaymentGateway, type ProviderEvent } from './payment-gateway.js';
import { PaymentsWorker } from './payments-worker.service.js';
import { PostgresPaymentStore } from './postgres-payment-store.js';

/** Where payment providers call: an event that verifies is kept once and answered at once, and handled after. */
@Controller('v1/payments/webhooks')
export class PaymentWebhooksController {
  private readonly logger = new Logger(PaymentWebhooksController.name);

  constructor(
    @Inject(PAYMENT_GATEWAY) private readonly gateway: PaymentGateway,
    private readonly store: PostgresPaymentStore,
    private readonly worker: PaymentsWorker,
  ) {}

  @Post(':provider')
  @HttpCode(200)
  async receivePaymentWebhook(
    @Param({ schema: PaymentWebhookParams }) { provider }: z.output<typeof PaymentWebhookParams>,
    @Req() request: Request,
  ): Promise<Record<string, never>> {
    if (provider !== this.gateway.provider) throw notFound('payment provider');
    const event = this.read(request);
    if (event && (await this.store.addEvent(provider, event))) this.worker.eventCame();
    return {};
  }

  private read({ body, headers, ip }: Request): ProviderEvent | null {
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
