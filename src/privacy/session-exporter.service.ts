import { Injectable } from '@nestjs/common';
import { type SessionData, type SessionDataBooking, type SessionDataKey, sessionDataRowsMax } from '@usher/contract';
import { BoundedCalls } from '../common/bounded-calls.js';
import { ChallengePasses, SessionAccessCodes, SessionRisk } from '../admission/index.js';
import { IdempotencyKeys } from '../access/index.js';
import { SessionMails } from '../mail/index.js';
import { SessionPayments } from '../payments/index.js';
import { SessionPushes } from '../push/index.js';
import { SessionRecords } from '../shows/index.js';
import { SessionTickets } from '../tickets/index.js';
import { sessionDataBounds } from './session-data-bounds.js';

/** Collects everything that is stored about a session. */
@Injectable()
export class SessionExporter {
  private readonly calls = new BoundedCalls(sessionDataBounds);

  constructor(
    private readonly records: SessionRecords,
    private readonly accessCodes: SessionAccessCodes,
    private readonly mails: SessionMails,
    private readonly payments: SessionPayments,
    private readonly tickets: SessionTickets,
    private readonly pushes: SessionPushes,
    private readonly keys: IdempotencyKeys,
    private readonly challenges: ChallengePasses,
    private readonly risk: SessionRisk,
  ) {}

  /** @throws DomainError `BUSY` */
  export(sessionId: string): Promise<SessionData> {
    return this.calls.run(() => this.read(sessionId));
  }

  private async read(sessionId: string): Promise<SessionData> {
    // One row more than the maximum shows that a list is incomplete.
    const limit = sessionDataRowsMax + 1;
    const bookings = await this.records.exportBookings(sessionId, limit);
    const addresses = await this.mails.addresses(bookings);
    const lists = {
      bookings: bookings.map((one) => ({ ...one, email: addresses.get(one.bookingId) ?? null })),
      payments: await this.payments.export(bookings, limit),
      tickets: await this.tickets.export(bookings, limit),
      mails: await this.mails.export(bookings, limit),
      waits: await this.records.exportWaits(sessionId, limit),
      stays: await this.records.exportStays(sessionId, limit),
      accessCodeUses: await this.accessCodes.export(sessionId, limit),
      pushSubscriptions: await this.pushes.exportSubscriptions(sessionId, limit),
      pushMessages: await this.pushes.exportMessages(sessionId, limit),
      idempotencyKeys: await this.exportKeys(sessionId, bookings, limit),
      challenges: await this.challenges.export(sessionId, limit),
      riskCases: await this.risk.export(sessionId, limit),
    };
    const isComplete = Object.values(lists).every((list) => list.length < limit);
    for (const list of Object.values(lists)) list.splice(sessionDataRowsMax);
    return { sessionId, exportedAt: new Date().toISOString(), isComplete, ...lists };
  }

  /** Returns the idempotency keys of all calls of a session, newest first. */
  private async exportKeys(
    sessionId: string,
    bookings: readonly Pick<SessionDataBooking, 'showId' | 'bookingId'>[],
    limit: number,
  ): Promise<SessionDataKey[]> {
    const bookingIds = bookings.map(({ bookingId }) => bookingId);
    const keys = [
      ...(await this.records.exportKeys(sessionId, limit)),
      ...(await this.payments.exportKeys(bookings, limit)),
      ...(await this.keys.export(sessionId, bookingIds, limit)),
    ];
    return keys.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }
}
