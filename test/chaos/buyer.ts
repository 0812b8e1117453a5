import { setTimeout as delay } from 'node:timers/promises';
import type { ClientEvent, ServerEvent, Session } from '@usher/contract';
import type { Dice } from './dice.js';
import type { ChaosShow, Recorder } from './history.js';
import type { Answer, CallPayload, ReceivedPayload } from './messages.js';
import { type Entrance, RecordedSocket } from './recorded-socket.js';

/** The environment of a buyer. */
export interface BuyerWorld {
  readonly shows: readonly ChaosShow[];
  readonly recorder: Recorder;
  /** Returns a random entrance. */
  readonly entrance: () => Entrance;
}

/** A reservation request with an idempotency key. The buyer may send the same request again. */
interface KeyedOrder {
  readonly showId: number;
  readonly payload: CallPayload;
  isAnswered: boolean;
}

/** Pause between two actions of a buyer. */
const pauseMs = { from: 40, to: 320 };

/** Maximum number of seats in one request. */
const partyMax = 4;

/**
 * A simulated buyer who acts at random: holds and releases seats, joins lines, loses the connection and reconnects
 * through a random entrance. The seed of the dice decides every action. The buyer knows only what the service's answers
 * and events reported.
 */
export class Buyer {
  private socket: RecordedSocket | null = null;
  private session: Session | null = null;
  private show: ChaosShow;
  private readonly holds = new Set<string>();
  private readonly ordersWithKey: KeyedOrder[] = [];
  private keyCount = 0;
  /** `in`: the buyer has the map. `waiting`: it waits for admission. `out`: it must join the show. */
  private presence: 'in' | 'waiting' | 'out' = 'out';
  private isInLine = false;

  constructor(
    readonly name: string,
    private readonly world: BuyerWorld,
    private readonly dice: Dice,
    home: ChaosShow,
  ) {
    this.show = home;
  }

  /** Runs random actions until `stop` aborts. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      if (await this.isConnected()) await this.runRandomAction();
      await delay(this.dice.between(pauseMs.from, pauseMs.to));
    }
  }

  /**
   * Prepares the buyer for the end of the run: reconnects if necessary, leaves the line and joins the show. Gives up at
   * the deadline (a time of `performance.now()`).
   */
  async settle(deadline: number): Promise<void> {
    let leftLine = false;
    while (performance.now() < deadline) {
      if (await this.isConnected()) {
        if (!leftLine) leftLine = (await this.call('queue:leave', { showId: this.show.showId }))?.ok === true;
        if (this.presence === 'out') await this.join();
        if (leftLine && this.presence !== 'out') return;
      }
      await delay(100);
    }
  }

  /** True if the buyer is connected and either is in the show or waits for admission to it. */
  get isSettled(): boolean {
    return this.socket?.isOpen === true && this.presence !== 'out';
  }

  /** Records the map that the buyer has at the end of the run, unless the buyer still waits for admission. */
  recordMap(): void {
    const { showId } = this.show;
    const map = this.socket?.isOpen ? this.socket.map(showId) : null;
    const isOutside = this.socket?.isOpen && this.presence === 'waiting';
    if (isOutside) return;
    const seats = map ? map.seats.join('') : null;
    this.world.recorder.record({ kind: 'map', buyer: this.name, showId, version: map?.version ?? null, seats });
  }

  close(): void {
    this.socket?.close();
  }

  private async isConnected(): Promise<boolean> {
    if (this.socket?.isOpen) return true;
    this.presence = 'out';
    const { recorder, entrance } = this.world;
    const transport = this.dice.chance(0.1) ? 'polling' : 'websocket';
    const socket = await RecordedSocket.connect(entrance(), this.session, this.name, recorder, transport);
    if (!socket) return false;
    this.socket = socket;
    this.session = socket.session;
    socket.onEvent((event, payload) => this.handleEvent(event, payload));
    await this.join();
    return socket.isOpen;
  }

  private async call(event: ClientEvent, payload: CallPayload): Promise<Answer | null> {
    const { socket } = this;
    if (!socket) return null;
    const answer = await socket.call(event, payload);
    // If no answer comes in time, the buyer reconnects, as a person would.
    if (!answer && socket.isOpen) socket.close();
    return answer;
  }

  private async join(): Promise<void> {
    const answer = await this.call('show:join', { showId: this.show.showId });
    if (!answer?.ok) {
      this.presence = 'out';
      return;
    }
    this.presence = answer.access === 'open' ? 'in' : 'waiting';
    this.isInLine = answer.queue !== null;
    if (answer.access !== 'open') return;
    this.holds.clear();
    for (const { bookingId } of answer.bookings ?? []) this.holds.add(bookingId);
  }

  private handleEvent(event: ServerEvent, { showId, booking }: ReceivedPayload): void {
    if (booking && (event === 'booking:updated' || event === 'queue:offer')) {
      if (booking.status === 'reserved') this.holds.add(booking.bookingId);
      else this.holds.delete(booking.bookingId);
      if (event === 'queue:offer') this.isInLine = false;
    }
    if (showId !== this.show.showId) return;
    if (event === 'queue:admitted') void this.join();
    if (event === 'stay:ended') this.presence = 'out';
    if (event === 'queue:expired') {
      this.isInLine = false;
      if (this.presence === 'waiting') this.presence = 'out';
    }
  }

  private async runRandomAction(): Promise<void> {
    if (this.presence === 'out') return this.join();
    const chance = this.dice.next();
    if (this.presence === 'waiting') return chance < 0.85 ? undefined : this.runOutsideAction();
    if (chance < 0.4) return this.reserve();
    if (chance < 0.5) return this.repeatOrder();
    if (chance < 0.68) return this.release();
    if (chance < 0.8) return this.useLine();
    if (chance < 0.86) return this.sync();
    if (chance < 0.92) return this.switchShow();
    if (chance < 0.96) this.socket?.close();
  }

  private async runOutsideAction(): Promise<void> {
    if (this.dice.chance(0.5)) return this.switchShow();
    await this.call('queue:status', { showId: this.show.showId });
    if (this.dice.chance(0.3)) this.socket?.close();
  }

  private async reserve(): Promise<void> {
    const { showId } = this.show;
    const request: CallPayload = { showId, ...this.randomRequest() };
    const isKeyed = this.dice.chance(0.5);
    if (!isKeyed) return this.send(request, null);
    const payload = { ...request, key: `${this.name}-${++this.keyCount}` };
    const keyed: KeyedOrder = { showId, payload, isAnswered: false };
    this.ordersWithKey.push(keyed);
    await this.send(payload, keyed);
  }

  private async send(payload: CallPayload, keyed: KeyedOrder | null): Promise<void> {
    const answer = await this.call('reservation:create', payload);
    if (!answer) return;
    const mayRetry = !answer.ok && (answer.error.code === 'BUSY' || answer.error.code === 'INTERNAL');
    if (keyed && !mayRetry) keyed.isAnswered = true;
    if (answer.ok) this.holds.add(answer.booking!.bookingId);
    if (!answer.ok && answer.error.code === 'SHOW_FULL' && this.dice.chance(0.6)) await this.useLine();
  }

  private randomRequest(): CallPayload {
    const count = 1 + this.dice.integer(partyMax);
    if (this.dice.chance(0.4)) return { best: { count } };
    // In a small hall, buyers often ask for the same seats.
    const first = this.dice.integer(Math.max(1, this.show.seatCount - count + 1));
    const seats = Array.from({ length: count }, (_, index) => first + index);
    return this.dice.chance(0.25) ? { seats, onConflict: 'alternative' } : { seats };
  }

  /**
   * Sends a keyed reservation again, preferably one without a final answer. Sometimes sends a different request under
   * the same key.
   */
  private async repeatOrder(): Promise<void> {
    const ofShow = this.ordersWithKey.filter(({ showId }) => showId === this.show.showId);
    const open = ofShow.filter(({ isAnswered }) => !isAnswered);
    if (ofShow.length === 0) return;
    const keyed = this.dice.pick(open.length > 0 ? open : ofShow);
    if (this.dice.chance(0.1)) {
      const { key } = keyed.payload;
      await this.send({ showId: keyed.showId, best: { count: partyMax + 1 }, key }, null);
    } else await this.send(keyed.payload, keyed);
  }

  private async release(): Promise<void> {
    const [...holds] = this.holds;
    if (holds.length === 0) return;
    const bookingId = this.dice.pick(holds);
    const answer = await this.call('reservation:release', { bookingId });
    if (answer) this.holds.delete(bookingId);
  }

  private async useLine(): Promise<void> {
    const { showId } = this.show;
    if (!this.isInLine) {
      const answer = await this.call('queue:join', { showId, partySize: 1 + this.dice.integer(partyMax) });
      if (answer?.ok) this.isInLine = true;
    } else if (this.dice.chance(0.15)) {
      const answer = await this.call('queue:leave', { showId });
      if (answer?.ok) this.isInLine = false;
      // In a metered show, leaving the line also ends the stay.
      if (this.show.shoppersMax !== null) this.presence = 'out';
    } else {
      const answer = await this.call('queue:status', { showId });
      if (answer?.ok) this.isInLine = answer.queue !== null;
    }
  }

  private async sync(): Promise<void> {
    const { showId } = this.show;
    const version = this.socket?.map(showId)?.version;
    if (version === undefined) return;
    const since = Math.max(0, version - this.dice.integer(20));
    await this.call('show:sync', { showId, since });
  }

  /** Leaves the show and joins a randomly chosen one. */
  private async switchShow(): Promise<void> {
    await this.call('queue:leave', { showId: this.show.showId });
    const left = await this.call('show:leave', { showId: this.show.showId });
    if (!left?.ok) return;
    this.show = this.dice.pick(this.world.shows);
    this.presence = 'out';
    this.isInLine = false;
    await this.join();
  }
}
