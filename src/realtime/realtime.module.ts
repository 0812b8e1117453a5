import { Global, Module } from '@nestjs/common';
import { DatabaseIdentityMonitor } from './database-identity-monitor.service.js';
import { NodeBus } from './node-bus.js';
import { NodeLifecycle } from './node-lifecycle.js';
import { RealtimeGateway } from './realtime.gateway.js';
import { ShowBroadcaster } from './show-broadcaster.service.js';
import { SocketMetrics } from './socket-metrics.js';

/**
 * Sockets, rooms and the messages between nodes. This module depends on no feature. `AccessModule` provides the
 * `SocketAuthenticator` and the `ConnectionPolicy` that it needs.
 */
@Global()
@Module({
  providers: [NodeBus, DatabaseIdentityMonitor, NodeLifecycle, ShowBroadcaster, RealtimeGateway, SocketMetrics],
  exports: [NodeBus, NodeLifecycle, ShowBroadcaster, RealtimeGateway],
})
export class RealtimeModule {}
