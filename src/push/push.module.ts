import { Module } from '@nestjs/common';
import { DatabaseSecrets } from '../database/database-secrets.js';
import { PushClient } from './push-client.js';
import { ShowsModule } from '../shows/index.js';
import { PushEvents } from './push-events.service.js';
import { PushSubscriptions } from './push-subscriptions.js';
import { PushWorker } from './push-worker.service.js';
import { PushController } from './push.controller.js';
import { loadVapidKeys, VAPID_KEYS } from './vapid-keys.js';

/** Web Push: notifies buyers of offers, admissions and changes to shows, even while the page is closed. */
@Module({
  imports: [ShowsModule],
  controllers: [PushController],
  providers: [
    { provide: VAPID_KEYS, inject: [DatabaseSecrets], useFactory: loadVapidKeys },
    PushSubscriptions,
    PushClient,
    PushWorker,
    PushEvents,
  ],
})
export class PushModule {}
