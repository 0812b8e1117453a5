import { type Booking, clientEvents, type ErrorBody, type Session } from '@usher/contract';
import { validate } from './contract-shapes.js';
import type { FileApp } from './file-app.js';
import type { TestSocket } from './socket.js';

/** Rounds after which a test fails, because every protection must have refused by then. */
const roundsMax = 30;

/** A session at one network address that holds seats of a show and gives them back over its socket. */
export class SeatBuyer {
  private constructor(
    readonly socket: TestSocket,
    readonly session: Session,
    private readonly showId: number,
  ) {}

  /**
   * Connects from an address. The service must expect one proxy. The buyer has the show open.
   *
   * @param auth an API key to send in the handshake
   */
  static async open(app: FileApp, showId: number, address: string, auth: Record<string, string> = {}) {
    const socket = await app.connect({ extraHeaders: { 'x-forwarded-for': address }, auth });
    const session = await socket.session();
    await socket.joinOpen(showId);
    return new SeatBuyer(socket, session, showId);
  }

  get sessionId(): string {
    return this.session.sessionId;
  }

  async hold(...seats: number[]): Promise<Booking> {
    return (await this.socket.ask('reservation:create', { showId: this.showId, seats })).booking;
  }

  /** Tries to hold seats. Returns the refusal. */
  refusedHold(...seats: number[]): Promise<ErrorBody> {
    return this.socket.refused('reservation:create', { showId: this.showId, seats });
  }

  async giveBack({ bookingId }: Booking): Promise<void> {
    await this.socket.ask('reservation:release', { bookingId });
  }

  /** Holds seats and gives them back at once, a number of times. */
  async holdAndGiveBack(times: number, ...seats: number[]): Promise<void> {
    for (let n = 0; n < times; n++) await this.giveBack(await this.hold(...seats));
  }

  /** Holds seats and gives them back until the service refuses. Returns the refusal. */
  async repeatUntilRefused(...seats: number[]): Promise<ErrorBody> {
    for (let n = 0; n < roundsMax; n++) {
      const answer = await this.socket.send('reservation:create', { showId: this.showId, seats });
      if (!answer.ok) return answer.error;
      await this.giveBack(validate(clientEvents['reservation:create'].answer, answer).booking);
    }
    throw new Error(`the service admitted ${roundsMax} rounds`);
  }
}
