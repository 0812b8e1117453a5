import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/index.js';
import { ShowsModule } from '../shows/index.js';
import { HeldReads } from './held-reads.service.js';
import { LineBroadcaster } from './line-broadcaster.service.js';
import { LineNotifier } from './line-notifier.service.js';
import { LineReactions } from './line-reactions.service.js';
import { LinePlaces } from './line-places.service.js';
import { LineSubscriptions } from './line-subscriptions.service.js';
import { LinesController } from './lines.controller.js';
import { LinesGateway } from './lines.gateway.js';
import { LinesService } from './lines.service.js';
import { PresenceService } from './presence.service.js';
import { WaitResults } from './wait-results.service.js';
import { WaitingUsersService } from './waiting-users.service.js';

/** The two lines of a show: for its seats, and for entry while the show is busy. */
@Module({
  imports: [ShowsModule, AdmissionModule],
  controllers: [LinesController],
  providers: [
    LinePlaces,
    LineSubscriptions,
    LineBroadcaster,
    LineReactions,
    LineNotifier,
    WaitResults,
    HeldReads,
    LinesService,
    LinesGateway,
    WaitingUsersService,
    PresenceService,
  ],
  exports: [LinePlaces, LineSubscriptions],
})
export class LinesModule {}
