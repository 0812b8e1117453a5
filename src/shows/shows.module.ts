import { Module } from '@nestjs/common';
import type { Pool } from 'pg';
import { CatalogModule } from '../catalog/index.js';
import { PG_POOL } from '../database/pg-pool.js';
import { JoinOrigins } from './lines/join-origins.js';
import { LineBroadcaster } from './lines/line-broadcaster.service.js';
import { LineListening } from './lines/line-listening.service.js';
import { LogFollowers } from './live/log-followers.service.js';
import { BookingRepository } from './store/booking.repository.js';
import { LineRepository } from './store/line.repository.js';
import { PresenceRepository } from './store/presence.repository.js';
import { ShowLogRepository } from './store/show-log.repository.js';
import { PostgresShowStore } from './store/postgres-show-store.js';
import { SeatsController } from './live/seats.controller.js';
import { ShowHeartbeatService } from './live/show-heartbeat.service.js';
import { ReceiptSigner } from './lane/receipt-signer.js';
import { ShowNotifier } from './live/show-notifier.service.js';
import { ShowRelay } from './live/show-relay.service.js';
import { ShowRoomsGateway } from './live/show-rooms.gateway.js';
import { ShowsService } from './lane/shows.service.js';

/** The lanes: the only writer of seats, bookings and the log. */
@Module({
  imports: [CatalogModule],
  controllers: [SeatsController],
  providers: [
    { provide: PostgresShowStore, inject: [PG_POOL], useFactory: (pool: Pool) => new PostgresShowStore(pool) },
    BookingRepository,
    LineRepository,
    PresenceRepository,
    ShowLogRepository,
    ShowsService,
    ShowHeartbeatService,
    ShowNotifier,
    ShowRelay,
    ShowRoomsGateway,
    ReceiptSigner,
    LineBroadcaster,
    LineListening,
    JoinOrigins,
    LogFollowers,
  ],
  exports: [
    LogFollowers,
    ShowsService,
    ShowRelay,
    BookingRepository,
    LineRepository,
    PresenceRepository,
    ShowLogRepository,
    ReceiptSigner,
    LineBroadcaster,
    LineListening,
    JoinOrigins,
  ],
})
export class ShowsModule {}
