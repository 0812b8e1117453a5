import type { NestExpressApplication } from '@nestjs/platform-express';

/** No provider sends more. */
const bodyMax = '256kb';

/** Hands the bodies of payment webhooks on as the bytes they came as, which is what their signatures are over. */
export function keepWebhookBodies(app: NestExpressApplication): void {
  app.useBodyParser('raw', { type: ({ url }) => url?.startsWith('/v1/payments/webhooks/') ?? false, limit: bodyMax });
}
