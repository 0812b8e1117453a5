import type { SeatsChanged, ShowSynced } from '@usher/contract';
import { SeatMapState, type Snapshot } from '../../../libs/client/src/show/seat-map.js';
import type { Scheduler } from '../engine/scheduler.js';
import type { SimulatedNode } from '../nodes/simulated-node.js';

/** How long a piece may be missing before it is asked for, by the contract, in ms. */
const missingMs = 250;

/** One viewer of one show: the real client's map behind a network that loses, doubles and reorders. */
export class SimulatedViewer {
  readonly map = new SeatMapState();
  /** In the show's room, so that broadcasts come. */
  isInRoom = false;
  /** What is on its way to and from it is carried by this; a new one after each loss of the connection. */
  private connection = {};
  private isJoining = false;
  private isSyncing = false;
  private wantsJoin = true;

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

  /** The connection is lost with everything on it; the viewer comes back on another node or the same. */
  reconnect(node: SimulatedNode): void {
    const { connection } = this;
    this.scheduler.drop(({ owner }) => owner === connection);
    this.connection = {};
    this.node = node;
    this.isInRoom = false;
    this.isJoining = false;
    this.isSyncing = false;
    this.wantsJoin = true;
  }

  /** Sends what the contract asks of a client now: a join, or a sync when something has been missing for long. */
  act(): void {
    if (this.wantsJoin && !this.isJoining) this.join();
    const since = this.map.missingSince();
    if (since !== null && this.now() - since >= missingMs) this.sync();
  }

  /** @param via the node that sent it, with which it may be lost */
  hear(message: SeatsChanged, via: SimulatedNode): void {
    this.arrive(`${this.name} hears ${message.from}–${message.version}`, via, () =>
      this.map.applyChange(message, this.now()),
    );
  }

  hearVersion(version: number): void {
    this.arrive(`${this.name} hears of ${version}`, this.node, () => this.map.applyVersion(version, this.now()));
  }

  private join(): void {
    const { connection, node, showId } = this;
    this.isJoining = true;
    this.map.onJoinSent();
    const answered = (snapshot: Snapshot) =>
      this.answer(connection, `${this.name} has joined`, () => {
        this.isJoining = false;
        this.wantsJoin = !this.map.applyJoin(snapshot, this.now());
        if (this.wantsJoin) this.sync();
      });
    const failed = () => this.answer(connection, `${this.name} could not join`, () => (this.isJoining = false));
    this.arrive(`${this.name} joins`, node, () => {
      // In the room before the snapshot is read, as the gateway does it.
      this.isInRoom = true;
      node.snapshot(showId).then(answered, failed);
    });
  }

  private sync(): void {
    if (this.isSyncing || !this.map.map) return;
    const { connection, node, showId } = this;
    const since = this.map.map.version;
    this.isSyncing = true;
    const answered = (answer: ShowSynced) =>
      this.answer(connection, `${this.name} has synced since ${since}`, () => {
        this.isSyncing = false;
        this.map.applySync(since, answer, this.now());
      });
    const failed = () => this.answer(connection, `${this.name} could not sync`, () => (this.isSyncing = false));
    this.arrive(`${this.name} syncs`, node, () => void node.synced(showId, since).then(answered, failed));
  }

  private answer(connection: object, label: string, go: () => void): void {
    if (connection === this.connection) this.arrive(label, this.node, go);
  }

  private arrive(label: string, via: SimulatedNode, go: () => void): void {
    this.scheduler.add({ owner: this.connection, via, label, go });
  }
}
