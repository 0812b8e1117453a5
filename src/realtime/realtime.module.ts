import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { CONFIG } from '../config/config.js';
import { ApiKeyChecks } from './api-keys/api-key-checks.service.js';
import { ApiKeys } from './api-keys/api-keys.service.js';
import { BookingLinks } from './booking-links.service.js';
import { CallGate } from './call-gate.guard.js';
import { ConnectionLimits } from './connection-limits.js';
import { IdentityWatch } from './identity-watch.service.js';
import { IdempotencyKeys } from './idempotency/idempotency-keys.service.js';
import { Leaving } from './leaving.js';
import { CallLimits } from './limits/call-limits.service.js';
import { NodeBus } from './node-bus.js';
import { Overload } from './overload.js';
import { RealtimeGateway } from './realtime.gateway.js';
import { RequestFormatGuard } from './request-format.guard.js';
import { SESSION_KEY, sessionKey } from './session-key.js';
import { SessionTokens } from './session-tokens.service.js';
import { SessionGuard } from './session.guard.js';
import { SessionsController } from './sessions.controller.js';
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
