import { Module } from '@nestjs/common';
import { KeptSecrets } from '../../database/kept-secrets.js';
import { PushClient } from './push-client.js';
import { PushOutbox } from './push-outbox.js';
import { PushSender } from './push-sender.service.js';
import { PushSubscriptions } from './push-subscriptions.js';
import { PushController } from './push.controller.js';
import { keptVapidKeys, VAPID_KEYS } from './vapid-keys.js';

/** Web Push: offers and admissions reach those whose page is closed. */
@Module({
  controllers: [PushController],
  providers: [
    { provide: VAPID_KEYS, inject: [KeptSecrets], useFactory: keptVapidKeys },
    PushSubscriptions,
    PushOutbox,
    PushClient,
    PushSender,
  ],
})
export class PushModule {}
