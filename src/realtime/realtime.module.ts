import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { CONFIG } from '../config/config.js';
import { ApiKeyChecks } from '../access/api-keys/api-key-checks.service.js';
import { ApiKeys } from '../access/api-keys/api-keys.service.js';
import { BookingLinks } from '../access/bookings/booking-links.service.js';
import { CallGate } from '../access/limits/call-gate.guard.js';
import { ConnectionLimits } from '../access/limits/connection-limits.js';
import { IdentityWatch } from './identity-watch.service.js';
import { IdempotencyKeys } from '../access/idempotency/idempotency-keys.service.js';
import { Leaving } from './leaving.js';
import { CallLimits } from '../access/limits/call-limits.service.js';
import { NodeBus } from './node-bus.js';
import { Overload } from '../access/overload/overload.js';
import { RealtimeGateway } from './realtime.gateway.js';
import { RequestFormatGuard } from '../transport/request-format.guard.js';
import { SESSION_KEY, sessionKey } from '../access/sessions/session-key.js';
import { SessionTokens } from '../access/sessions/session-tokens.service.js';
import { SessionGuard } from '../access/sessions/session.guard.js';
import { SessionsController } from '../access/sessions/sessions.controller.js';
import { ShowBroadcaster } from './show-broadcaster.service.js';
import { SocketMetrics } from './socket-metrics.js';

/** Sessions, sockets and rooms; knows no feature. */
@Global()
@Module({
  controllers: [SessionsController],
  providers: [
    { provide: SESSION_KEY, inject: [CONFIG], useFactory: sessionKey },
    NodeBus,
    IdentityWatch,
    Leaving,
    Overload,
    ConnectionLimits,
    { provide: APP_GUARD, useClass: CallGate },
    { provide: APP_GUARD, useClass: RequestFormatGuard },
    SessionTokens,
    SessionGuard,
    BookingLinks,
    ApiKeys,
    ApiKeyChecks,
    CallLimits,
    IdempotencyKeys,
    ShowBroadcaster,
    RealtimeGateway,
    SocketMetrics,
  ],
  exports: [
    NodeBus,
    Leaving,
    SessionTokens,
    SessionGuard,
    BookingLinks,
    ApiKeys,
    ApiKeyChecks,
    CallLimits,
    IdempotencyKeys,
    ShowBroadcaster,
    RealtimeGateway,
  ],
})
export class RealtimeModule {}
