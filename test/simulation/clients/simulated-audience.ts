import { type SeatsChanged, seatStatusNames } from '@usher/contract';
import type { Random } from '../../../src/catalog/demo/random.js';
import type { ShowAdvance } from '../../../src/shows/lane/show-advance.js';
import type { SimulatedTables } from '../database/simulated-tables.js';
import type { Scheduler } from '../engine/scheduler.js';
import type { SimulatedNode } from '../nodes/simulated-node.js';
import type { Oracle } from '../oracle/oracle.js';
import { SimulatedViewer } from './simulated-viewer.js';

/** All viewers of all shows, and the network that carries the nodes' broadcasts to them. */
export class SimulatedAudience {
  /** While true, the network loses some broadcasts and delivers others twice. */
  isLossy = true;
  private readonly viewers: SimulatedViewer[];

  constructor(
    private readonly random: Random,
    scheduler: Scheduler,
    showIds: Iterable<number>,
    nodes: readonly SimulatedNode[],
    now: () => number,
  ) {
    this.viewers = [...showIds].flatMap((showId) =>
      ['x', 'y'].map(
        (name) => new SimulatedViewer(`viewer ${name}${showId}`, showId, random.pick(nodes), scheduler, now),
      ),
    );
  }

  /**
   * Sends a diff to every viewer in the show's room on one node. The network may lose each message or deliver it twice.
   */
  broadcast(node: SimulatedNode, { showId, from, version, statuses }: ShowAdvance): void {
    if (version === from) return;
    const message: SeatsChanged = { showId, from, version };
    for (const [seat, status] of statuses) (message[seatStatusNames[status]] ??= []).push(seat);
    for (const viewer of this.viewers) {
      if (viewer.showId !== showId || !viewer.isInRoom || !viewer.isOn(node)) continue;
      const luck = this.isLossy ? this.random.integer(10) : 9;
      if (luck > 0) viewer.receiveDiff(message, node);
      if (luck === 1) viewer.receiveDiff(message, node);
    }
  }

  /**
   * Does the work of `ShowHeartbeatService`: the node catches up on each show that has viewers on it, and announces the
   * version of the show.
   */
  announceVersions(node: SimulatedNode, failed: () => void): void {
    const showIds = new Set(this.viewers.map(({ showId }) => showId));
    for (const showId of showIds) {
      const viewersInRoom = () => this.viewers.filter((one) => one.showId === showId && one.isOn(node) && one.isInRoom);
      if (viewersInRoom().length === 0) continue;
      node
        .catchUp(showId)
        .then((version) => viewersInRoom().forEach((viewer) => viewer.receiveVersion(version)), failed);
    }
  }

  /** Lets each viewer of a show send the requests that the contract requires of it now. */
  sendDueRequests(showId: number): void {
    for (const viewer of this.viewers) if (viewer.showId === showId) viewer.sendDueRequests();
  }

  /** Breaks the connection of one viewer, which reconnects to `node`. Returns the viewer's name. */
  disconnectOne(node: SimulatedNode): string {
    const viewer = this.random.pick(this.viewers);
    viewer.reconnect(node);
    return viewer.name;
  }

  /** Reconnects the viewers of a dead node to random living nodes. */
  moveViewers(deadNode: SimulatedNode, nodes: readonly SimulatedNode[]): void {
    for (const viewer of this.viewers) if (viewer.isOn(deadNode)) viewer.reconnect(this.random.pick(nodes));
  }

  /** Checks that every map equals its show at the map's version. */
  check(oracle: Oracle): void {
    for (const { map, name, showId } of this.viewers) if (map.map) oracle.checkViewer(name, showId, map.map);
  }

  /** Checks that every map has the version of the tables, after everything has settled. */
  checkFinalState(oracle: Oracle, tables: ReadonlyMap<number, SimulatedTables>): void {
    for (const { map, name, showId } of this.viewers) {
      const version = tables.get(showId)?.version;
      const isCurrent = map.map?.version === version;
      const detail = `${name} has version ${map.map?.version}, but show ${showId} is at version ${version}`;
      oracle.expect('mapsConverge', isCurrent, detail);
    }
  }
}
