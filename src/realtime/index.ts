/** The public entry point of `src/realtime`. */
export { AddressPackets } from './address-packets.js';
export { ConnectionPolicy } from './connection-policy.js';
export { NodeBus, type NodeMessage } from './node-bus.js';
export { NodeLifecycle } from './node-lifecycle.js';
export { type Departure, RealtimeGateway } from './realtime.gateway.js';
export { RealtimeModule } from './realtime.module.js';
export { assertRedisTls } from './redis-tls.js';
export { isCredentialRoom, credentialRoom, lineRoom, sessionRoom, showOfRoom, showRoom } from './rooms.js';
export { ShowBroadcaster } from './show-broadcaster.service.js';
export { type Authenticated, SocketAuthenticator, socketDataOf } from './socket-authenticator.js';
export type { SocketData, UsherServer, UsherSocket } from './socket.js';
export { UsherIoAdapter } from './usher-io.adapter.js';
