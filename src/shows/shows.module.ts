import { Module } from '@nestjs/common';
import type { Pool } from 'pg';
import { CatalogModule } from '../catalog/catalog.module.js';
import { PG_POOL } from '../database/pg-pool.js';
import { JoinOrigins } from './join-origins.js';
import { LineBroadcaster } from './line-broadcaster.service.js';
import { LineListening } from './line-listening.service.js';
import { LogFollowers } from './log-followers.service.js';
import { PostgresShowStore } from './postgres-show-store.js';
import { SeatsController } from './seats.controller.js';
import { ShowHeartbeatService } from './show-heartbeat.service.js';
import { ReceiptSigner } from './receipt-signer.js';
import { ShowNotifier } from './show-notifier.service.js';
import { ShowRelay } from './show-relay.service.js';
import { ShowRoomsGateway } from './show-rooms.gateway.js';
import { ShowsService } from './shows.service.js';

/** The lanes: the only writer of seats, bookings and the log. */
@Module({
  imports: [CatalogModule],
  controllers: [SeatsController],
  providers: [
    { provide: PostgresShowStore, inject: [PG_POOL], useFactory: (pool: Pool) => new PostgresShowStore(pool) },
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
    PostgresShowStore,
    ReceiptSigner,
    LineBroadcaster,
    LineListening,
    JoinOrigins,
  ],
})
export class ShowsModule {}
