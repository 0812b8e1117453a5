import { Module } from '@nestjs/common';
import { DatabaseSecrets } from '../database/database-secrets.js';
import { PushClient } from './push-client.js';
import { ShowsModule } from '../shows/index.js';
import { PushEvents } from './push-events.service.js';
import { PushOutbox } from './push-outbox.js';
import { PushSender } from './push-sender.service.js';
import { PushSubscriptions } from './push-subscriptions.js';
import { PushController } from './push.controller.js';
import { keptVapidKeys, VAPID_KEYS } from './vapid-keys.js';

/** Web Push: offers, admissions and changes of shows reach those whose page is closed. */
@Module({
  imports: [ShowsModule],
  controllers: [PushController],
  providers: [
    { provide: VAPID_KEYS, inject: [DatabaseSecrets], useFactory: keptVapidKeys },
    PushSubscriptions,
    PushOutbox,
    PushClient,
    PushSender,
    PushEvents,
  ],
})
export class PushModule {}
