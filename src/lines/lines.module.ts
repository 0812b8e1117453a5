import { Module } from '@nestjs/common';
import { ShowsModule } from '../shows/index.js';
import { PushModule } from '../push/index.js';
import { HeldReads } from './held-reads.service.js';
import { LineNotifier } from './line-notifier.service.js';
import { PresenceService } from './presence.service.js';
import { QueueController } from './lines.controller.js';
import { QueueGateway } from './lines.gateway.js';
import { QueueService } from './lines.service.js';
import { WaitOutcomes } from './wait-outcomes.service.js';
import { WaitingUsersService } from './waiting-users.service.js';

/** Both lines: for seats, and for entry to a busy show. */
@Module({
  imports: [ShowsModule, PushModule],
  controllers: [QueueController],
  providers: [WaitOutcomes, LineNotifier, HeldReads, QueueService, QueueGateway, WaitingUsersService, PresenceService],
})
export class QueueModule {}
