import { Global, Module } from '@nestjs/common';
import { CONFIG } from '../config/config.js';
import { RealtimeGateway } from './realtime.gateway.js';
import { SESSION_SECRET, sessionSecret } from './session-secret.js';
import { SessionTokens } from './session-tokens.service.js';
import { SessionGuard } from './session.guard.js';
import { SessionsController } from './sessions.controller.js';
import { ShowBroadcaster } from './show-broadcaster.service.js';

/** Sessions, sockets and rooms; knows no feature. */
@Global()
@Module({
  controllers: [SessionsController],
  providers: [
    { provide: SESSION_SECRET, inject: [CONFIG], useFactory: sessionSecret },
    SessionTokens,
    SessionGuard,
    ShowBroadcaster,
    RealtimeGateway,
  ],
  exports: [SessionTokens, SessionGuard, ShowBroadcaster, RealtimeGateway],
})
export class RealtimeModule {}
