import { setTimeout as delay } from 'node:timers/promises';
import type { Booking, ClientEvent, Queue, ServerEvent, Session } from '@usher/contract';
import type { Dice } from './dice.js';
import type { Answer, ChaosShow, Recorder } from './history.js';
import { type Door, RecordedSocket } from './recorded-socket.js';

/** What a buyer lives in. */
export interface BuyerWorld {
  readonly shows: readonly ChaosShow[];
  readonly recorder: Recorder;
  /** A way in, of several. */
  readonly door: () => Door;
}

/** A reservation under a key, to be sent again. */
interface Keyed {
  readonly showId: number;
  readonly payload: Record<string, unknown>;
  isAnswered: boolean;
}

/** Pause between two things that a buyer does. */
const pauseMs = { from: 40, to: 320 };

/** Seats that one choice or party is of. */
const partyMax = 4;

/**
 * Somebody who holds seats, gives them back, stands in line, loses the connection and comes back through another door:
 * at random, from a seed. Believes only what the answers said.
 */
export class Buyer {
  private socket: RecordedSocket | null = null;
  private session: Session | null = null;
  private show: ChaosShow;
  private readonly held = new Set<string>();
  private readonly keyed: Keyed[] = [];
  private keys = 0;
  /** `in`: it has the map; `waiting`: for admission; `out`: it has to join. */
  private presence: 'in' | 'waiting' | 'out' = 'out';
  private inLine = false;

  constructor(
    readonly name: string,
    private readonly world: BuyerWorld,
    private readonly dice: Dice,
    home: ChaosShow,
  ) {
    this.show = home;
  }

  /** Does things until it is told to stop. */
  async live(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      if (await this.isConnected()) await this.act();
      await delay(this.dice.between(pauseMs.from, pauseMs.to));
    }
  }

  /** Comes back where it lost its connection, leaves every line, and looks at its show to the end. */
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

  /** Whether it is connected, and at its show or in its line. */
  get isThere(): boolean {
    return this.socket?.isOpen === true && this.presence !== 'out';
  }

  /** Writes down the map that it ends with. */
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
    const { recorder, door } = this.world;
    const transport = this.dice.chance(0.1) ? 'polling' : 'websocket';
    const socket = await RecordedSocket.connect(door(), this.session, this.name, recorder, transport);
    if (!socket) return false;
    this.socket = socket;
    this.session = socket.session;
    socket.onHeard((event, payload) => this.hear(event, payload));
    await this.join();
    return socket.isOpen;
  }

  private async call(event: ClientEvent, payload: Record<string, unknown>): Promise<Answer | null> {
    const { socket } = this;
    if (!socket) return null;
    const answer = await socket.call(event, payload);
    // Who got no answer in good time does what a person does: tries by another way.
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
    this.inLine = answer.queue !== null;
    if (answer.access !== 'open') return;
    this.held.clear();
    for (const { bookingId } of answer.bookings as Booking[]) this.held.add(bookingId);
  }

  private hear(event: ServerEvent, payload: unknown): void {
    const { showId } = payload as { showId?: number };
    if (event === 'booking:updated' || event === 'queue:offer') {
      const { booking } = payload as { booking: Booking };
      if (booking.status === 'reserved') this.held.add(booking.bookingId);
      else this.held.delete(booking.bookingId);
      if (event === 'queue:offer') this.inLine = false;
    }
    if (showId !== this.show.showId) return;
    if (event === 'queue:admitted') void this.join();
    if (event === 'stay:ended') this.presence = 'out';
    if (event === 'queue:expired') {
      this.inLine = false;
      if (this.presence === 'waiting') this.presence = 'out';
    }
  }

  private async act(): Promise<void> {
    if (this.presence === 'out') return this.join();
    const chance = this.dice.next();
    if (this.presence === 'waiting') return chance < 0.85 ? undefined : this.actOutside();
    if (chance < 0.4) return this.reserve();
    if (chance < 0.5) return this.repeat();
    if (chance < 0.68) return this.release();
    if (chance < 0.8) return this.queue();
    if (chance < 0.86) return this.sync();
    if (chance < 0.92) return this.move();
    if (chance < 0.96) this.socket?.close();
  }

  private async actOutside(): Promise<void> {
    if (this.dice.chance(0.5)) return this.move();
    await this.call('queue:status', { showId: this.show.showId });
    if (this.dice.chance(0.3)) this.socket?.close();
  }

  private async reserve(): Promise<void> {
    const { showId } = this.show;
    const payload: Record<string, unknown> = { showId, ...this.wish() };
    const isKeyed = this.dice.chance(0.5);
    const keyed: Keyed | null = isKeyed ? { showId, payload, isAnswered: false } : null;
    if (keyed) {
      payload.key = `${this.name}-${++this.keys}`;
      this.keyed.push(keyed);
    }
    await this.send(payload, keyed);
  }

  private async send(payload: Record<string, unknown>, keyed: Keyed | null): Promise<void> {
    const answer = await this.call('reservation:create', payload);
    if (!answer) return;
    const mayRetry = !answer.ok && (answer.error.code === 'BUSY' || answer.error.code === 'INTERNAL');
    if (keyed && !mayRetry) keyed.isAnswered = true;
    if (answer.ok) this.held.add((answer.booking as Booking).bookingId);
    if (!answer.ok && answer.error.code === 'SHOW_FULL' && this.dice.chance(0.6)) await this.queue();
  }

  private wish(): Record<string, unknown> {
    const count = 1 + this.dice.below(partyMax);
    if (this.dice.chance(0.4)) return { best: { count } };
    // All want the same seats: the middle of the hall.
    const first = this.dice.below(Math.max(1, this.show.seatCount - count + 1));
    const seats = Array.from({ length: count }, (_, index) => first + index);
    return this.dice.chance(0.25) ? { seats, onConflict: 'alternative' } : { seats };
  }

  /** Sends a reservation again under its key, one without an answer first. */
  private async repeat(): Promise<void> {
    const ofShow = this.keyed.filter(({ showId }) => showId === this.show.showId);
    const open = ofShow.filter(({ isAnswered }) => !isAnswered);
    if (ofShow.length === 0) return;
    const keyed = this.dice.pick(open.length > 0 ? open : ofShow);
    if (this.dice.chance(0.1)) {
      const { key } = keyed.payload;
      await this.send({ showId: keyed.showId, best: { count: partyMax + 1 }, key }, null);
    } else await this.send(keyed.payload, keyed);
  }

  private async release(): Promise<void> {
    const [...held] = this.held;
    if (held.length === 0) return;
    const bookingId = this.dice.pick(held);
    const answer = await this.call('reservation:release', { bookingId });
    if (answer) this.held.delete(bookingId);
  }

  private async queue(): Promise<void> {
    const { showId } = this.show;
    if (!this.inLine) {
      const answer = await this.call('queue:join', { showId, partySize: 1 + this.dice.below(partyMax) });
      if (answer?.ok) this.inLine = true;
    } else if (this.dice.chance(0.15)) {
      const answer = await this.call('queue:leave', { showId });
      if (answer?.ok) this.inLine = false;
      // Where entry is metered, who stood in no line any longer left the show with it.
      if (this.show.shoppersMax !== null) this.presence = 'out';
    } else {
      const answer = await this.call('queue:status', { showId });
      if (answer?.ok) this.inLine = (answer.queue as Queue | null) !== null;
    }
  }

  private async sync(): Promise<void> {
    const { showId } = this.show;
    const version = this.socket?.map(showId)?.version;
    if (version === undefined) return;
    const since = Math.max(0, version - this.dice.below(20));
    await this.call('show:sync', { showId, since });
  }

  /** Goes to another show. */
  private async move(): Promise<void> {
    await this.call('queue:leave', { showId: this.show.showId });
    const left = await this.call('show:leave', { showId: this.show.showId });
    if (!left?.ok) return;
    this.show = this.dice.pick(this.world.shows);
    this.presence = 'out';
    this.inLine = false;
    await this.join();
  }
}
