import type { IncomingMessage } from 'node:http';
import type { ErrorBody } from '@usher/contract';
import type { AddressPackets } from './address-packets.js';

/** Decides which connections and events this node accepts. `src/access` provides the implementation. */
export abstract class ConnectionPolicy {
  /** Returns true if the node accepts a new connection. A Socket.IO client that is refused retries after a pause. */
  abstract accepts(request: IncomingMessage): Promise<boolean>;

  /** Counts an open connection. @returns a function that the caller must call when the connection has closed */
  abstract countOpen(request: IncomingMessage): () => void;

  /**
   * Returns true if the network address of a connection has more open connections than it may have without passing a
   * challenge.
   */
  abstract isCrowded(request: IncomingMessage): boolean;

  /** Returns the budget of packets that a connection shares with all connections of its address. */
  abstract packetsOf(request: IncomingMessage): AddressPackets;

  /** Returns the error that refuses new work while the node is overloaded, or null if the node takes the work. */
  abstract refuseNewWork(): ErrorBody | null;
}
