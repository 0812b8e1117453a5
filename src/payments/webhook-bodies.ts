import type { NestExpressApplication } from '@nestjs/platform-express';

/** Largest body of a webhook. No provider sends more. */
const bodyBytesMax = '256kb';

/** Preserves the raw bytes of payment webhooks, because their signatures cover these bytes. */
export function keepWebhookBodies(app: NestExpressApplication): void {
  app.useBodyParser('raw', {
    type: ({ url }) => url?.startsWith('/v1/payments/webhooks/') ?? false,
    limit: bodyBytesMax,
  });
}
