import type { SeatsChanged, ShowSynced } from '@usher/contract';
import { SeatMapState, type Snapshot } from '../../../libs/client/src/show/seat-map.js';
import type { Scheduler } from '../engine/scheduler.js';
import type { SimulatedNode } from '../nodes/simulated-node.js';

/** How long a viewer waits for a missing diff before it asks for a sync, as the contract says. */
const gapTimeoutMs = 250;

/**
 * One viewer of one show. It runs the real client's seat map behind a network that loses, duplicates and reorders
 * messages.
 */
export class SimulatedViewer {
  readonly map = new SeatMapState();
  /** True while the viewer is in the show's room and so receives broadcasts. */
  isInRoom = false;
  /** The owner of all messages to and from the viewer. Each reconnection replaces this object. */
  private connection = {};
  private isJoining = false;
  private isSyncing = false;
  private mustJoin = true;

  constructor(
    readonly name: string,
    readonly showId: number,
    private node: SimulatedNode,
    private readonly scheduler: Scheduler,
    private readonly now: () => number,
  ) {}

  isOn(node: SimulatedNode): boolean {
    return this.node === node;
  }

  /** Drops the connection with all messages on it, and connects to `node`, which may be the same node as before. */
  reconnect(node: SimulatedNode): void {
    const { connection } = this;
    this.scheduler.discard(({ owner }) => owner === connection);
    this.connection = {};
    this.node = node;
    this.isInRoom = false;
    this.isJoining = false;
    this.isSyncing = false;
    this.mustJoin = true;
  }

  /**
   * Sends the requests that the contract requires of a client now: a join, or a sync if a diff has been missing too
   * long.
   */
  sendDueRequests(): void {
    if (this.mustJoin && !this.isJoining) this.join();
    const missingSince = this.map.missingSince();
    if (missingSince !== null && this.now() - missingSince >= gapTimeoutMs) this.sync();
  }

  /** Receives a diff. @param carrier the node that sent the diff; if the node dies, the diff may be lost */
  receiveDiff(message: SeatsChanged, carrier: SimulatedNode): void {
    this.transmit(`${this.name} receives the diff ${message.from}–${message.version}`, carrier, () =>
      this.map.applyChange(message, this.now()),
    );
  }

  receiveVersion(version: number): void {
    this.transmit(`${this.name} receives the version ${version}`, this.node, () =>
      this.map.applyVersion(version, this.now()),
    );
  }

  private join(): void {
    const { connection, node, showId } = this;
    this.isJoining = true;
    this.map.onJoinSent();
    const succeeded = (snapshot: Snapshot) =>
      this.transmitAnswer(connection, `${this.name} has joined`, () => {
        this.isJoining = false;
        this.mustJoin = !this.map.applyJoin(snapshot, this.now());
        if (this.mustJoin) this.sync();
      });
    const failed = () => this.transmitAnswer(connection, `${this.name} could not join`, () => (this.isJoining = false));
    this.transmit(`${this.name} joins`, node, () => {
      // The viewer enters the room before the node reads the snapshot, as in the gateway.
      this.isInRoom = true;
      node.snapshot(showId).then(succeeded, failed);
    });
  }

  private sync(): void {
    if (this.isSyncing || !this.map.map) return;
    const { connection, node, showId } = this;
    const since = this.map.map.version;
    this.isSyncing = true;
    const succeeded = (answer: ShowSynced) =>
      this.transmitAnswer(connection, `${this.name} has synced since version ${since}`, () => {
        this.isSyncing = false;
        this.map.applySync(since, answer, this.now());
      });
    const failed = () => this.transmitAnswer(connection, `${this.name} could not sync`, () => (this.isSyncing = false));
    this.transmit(`${this.name} syncs`, node, () => void node.sync(showId, since).then(succeeded, failed));
  }

  private transmitAnswer(connection: object, label: string, run: () => void): void {
    if (connection === this.connection) this.transmit(label, this.node, run);
  }

  private transmit(label: string, carrier: SimulatedNode, run: () => void): void {
    this.scheduler.schedule({ owner: this.connection, carrier, label, run });
  }
}
