import { type SeatsChanged, seatStatusNames } from '@usher/contract';
import type { Random } from '../../../src/catalog/demo/random.js';
import type { ShowAdvance } from '../../../src/shows/lane/show-lane.js';
import type { Oracle } from '../oracle/oracle.js';
import type { Scheduler } from '../engine/scheduler.js';
import type { SimulatedNode } from '../nodes/simulated-node.js';
import type { SimulatedTables } from '../database/simulated-tables.js';
import { SimulatedViewer } from './simulated-viewer.js';

/** All viewers of all shows, and what nodes tell them. */
export class SimulatedAudience {
  /** False: the network loses and doubles nothing any longer. */
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

  /** To those in the show's room on one node; each message to each viewer may be lost or come twice. */
  broadcast(node: SimulatedNode, { showId, from, version, statuses }: ShowAdvance): void {
    if (version === from) return;
    const message: SeatsChanged = { showId, from, version };
    for (const [seat, status] of statuses) (message[seatStatusNames[status]] ??= []).push(seat);
    for (const viewer of this.viewers) {
      if (viewer.showId !== showId || !viewer.isInRoom || !viewer.isOn(node)) continue;
      const luck = this.isLossy ? this.random.integer(10) : 9;
      if (luck > 0) viewer.hear(message, node);
      if (luck === 1) viewer.hear(message, node);
    }
  }

  /** What `ShowHeartbeatService` is for: each show in view on the node catches up and its version is announced. */
  beat(node: SimulatedNode, failed: () => void): void {
    const showIds = new Set(this.viewers.map(({ showId }) => showId));
    for (const showId of showIds) {
      const inView = () => this.viewers.filter((one) => one.showId === showId && one.isOn(node) && one.isInRoom);
      if (inView().length === 0) continue;
      node.refreshed(showId).then((version) => inView().forEach((viewer) => viewer.hearVersion(version)), failed);
    }
  }

  /** Each viewer of a show sends what the contract asks of it now. */
  act(showId: number): void {
    for (const viewer of this.viewers) if (viewer.showId === showId) viewer.act();
  }

  /** Somebody's connection is lost. @returns whose */
  cutOff(node: SimulatedNode): string {
    const viewer = this.random.pick(this.viewers);
    viewer.reconnect(node);
    return viewer.name;
  }

  /** A node died: its viewers come back on others. */
  leave(dead: SimulatedNode, nodes: readonly SimulatedNode[]): void {
    for (const viewer of this.viewers) if (viewer.isOn(dead)) viewer.reconnect(this.random.pick(nodes));
  }

  /** Every map must be its show at the map's version. */
  judge(oracle: Oracle): void {
    for (const { map, name, showId } of this.viewers) if (map.map) oracle.judgeViewer(name, showId, map.map);
  }

  /** In the end every map must be at the tables' version. */
  judgeTheEnd(oracle: Oracle, tables: ReadonlyMap<number, SimulatedTables>): void {
    for (const { map, name, showId } of this.viewers) {
      const version = tables.get(showId)?.version;
      const right = map.map?.version === version;
      oracle.expect(7, right, `${name} is at version ${map.map?.version} where show ${showId} is at ${version}`);
    }
  }
}
