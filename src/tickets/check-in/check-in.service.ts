import { Injectable } from '@nestjs/common';
import {
  type CheckIn,
  type CheckInBody,
  type GateList,
  type OfflineCheckIns,
  type OfflineCheckInsDone,
  type Show,
  type Ticket,
  type TicketCode,
  Uuid,
} from '@usher/contract';
import { CatalogService } from '../../catalog/catalog.service.js';
import { DomainError } from '../../common/domain-error.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { iso, isoOrNull } from '../../database/sql-time.js';
import type { KeyHolder } from '../../realtime/api-keys/api-keys.service.js';
import { TicketKeyRing } from '../keys/ticket-key-ring.service.js';
import { type StoredTicket, TicketStore } from '../ticket-store.js';
import { admission, admitsAt } from './opening.js';

/** One try to let somebody in. */
export interface CheckInCall extends CheckInBody {
  /** Idempotency key, or null: a repeated one is answered as the first time. */
  readonly key: string | null;
  /** When a gate without network let them in, by its clock; null: now. */
  readonly at: Date | null;
}

const forged: CheckIn = { result: 'forged', ticket: null, usedAt: null, gate: null };

/** Lets tickets in, each once. */
@Injectable()
export class CheckInService {
  constructor(
    private readonly store: TicketStore,
    private readonly ring: TicketKeyRing,
    private readonly catalog: CatalogService,
    private readonly clock: DatabaseClock,
  ) {}

  /** Lets one ticket in, or says why not. */
  async checkIn(holder: KeyHolder, call: CheckInCall): Promise<CheckIn> {
    const isNumber = Uuid.safeParse(call.code.toLowerCase()).success;
    const said = isNumber
      ? await this.ofNumber(call.code.toLowerCase(), call.showId ?? holder.showId)
      : await this.ring.verify(call.code);
    const stored = said && (await this.store.find(said.showId, said.ticketId));
    // A good signature on a ticket that no booking has: made with our key, and not by us.
    if (!stored || stored.seat !== said.seat) return forged;
    const show = await this.catalog.show(said.showId);
    const ticket = toTicket(said, stored, isNumber ? await this.ring.sign(said) : call.code);
    if (!serves(holder, call, show)) return refused('wrongShow', ticket);
    const before = this.decided(stored, ticket, show, call);
    if (before) return before;
    // A gate's clock that is ahead says nothing of another day.
    const at = Math.min(call.at?.getTime() ?? Infinity, this.clock.now());
    if (!admitsAt(timesOf(show), at)) {
      return refused('notToday', ticket);
    }
    return this.admit(holder, call, ticket);
  }

  /** Takes down whom a gate let in while it had no network. */
  async handIn(holder: KeyHolder, { checkIns }: OfflineCheckIns): Promise<OfflineCheckInsDone> {
    const items: CheckIn[] = [];
    // One after the other: of two with one ticket, the earlier one of the list is the one that was right.
    for (const { at, key, ...call } of checkIns) {
      const ownKey = `offline ${at} ${call.gate ?? holder.name}`.slice(0, 128);
      items.push(await this.checkIn(holder, { ...call, key: key ?? ownKey, at: new Date(at) }));
    }
    return { items };
  }

  /** All that a gate needs to go on without the network. @throws DomainError `NOT_FOUND`, `FORBIDDEN` */
  async gateList(holder: KeyHolder, showId: number): Promise<GateList> {
    const show = await this.catalog.show(showId);
    if (!serves(holder, { showId }, show)) throw new DomainError('FORBIDDEN', 'This gate serves another show.', {});
    const [{ keys }, { seats }, stored] = await Promise.all([
      this.ring.publicKeys(),
      this.catalog.layoutOfShow(showId),
      this.store.ofShow(showId),
    ]);
    const tickets = stored.map(({ ticketId, seat, status, usedAt, usedGate }) => ({
      ticketId,
      seat,
      label: seats[seat]?.label ?? String(seat),
      // As a check-in answers: the refunds of a show that was called off may still be on their way.
      status: show.calledOff && status === 'valid' ? ('refunded' as const) : status,
      usedAt: isoOrNull(usedAt),
      gate: usedGate,
    }));
    const { from, until } = admission(timesOf(show));
    const admits = { from: iso(from), until: iso(until) };
    return { showId, startsAt: show.startsAt, admits, madeAt: this.clock.nowIso(), keys, tickets };
  }

  /**
   * The ticket of a number: what is printed under a code, for staff to type where the code cannot be read. Nobody can guess
   * one, and who has seen it has seen the code beside it.
   */
  private async ofNumber(ticketId: string, showId: number | null): Promise<TicketCode | null> {
    const stored = showId === null ? null : await this.store.find(showId, ticketId);
    if (showId === null || !stored) return null;
    const [{ startsAt }, { seats }] = await Promise.all([this.catalog.show(showId), this.catalog.layoutOfShow(showId)]);
    return { ticketId, showId, seat: stored.seat, label: seats[stored.seat]?.label ?? String(stored.seat), startsAt };
  }

  private async admit(holder: KeyHolder, call: CheckInCall, ticket: Ticket): Promise<CheckIn> {
    const { showId, ticketId } = ticket;
    const gate = call.gate ?? holder.name;
    const usedAt = await this.store.admit({ showId, ticketId, gate, key: call.key, at: call.at });
    if (usedAt !== null) {
      return { result: 'admitted', ticket: { ...ticket, status: 'used' }, usedAt: iso(usedAt), gate };
    }
    // Somebody else was quicker: another gate, or a refund.
    const stored = await this.store.find(showId, ticketId);
    const show = await this.catalog.show(showId);
    return (stored && this.decided(stored, { ...ticket, status: stored.status }, show, call)) ?? forged;
  }

  /** What is to be said of a ticket that is not to be let in, whatever the gate and the day; null: it may be. */
  private decided(stored: StoredTicket, ticket: Ticket, show: Show, call: CheckInCall): CheckIn | null {
    const { status, usedAt, usedGate: gate, usedKey } = stored;
    if (status === 'used') {
      const isRepeated = call.key !== null && call.key === usedKey;
      return { result: isRepeated ? 'admitted' : 'used', ticket, usedAt: isoOrNull(usedAt), gate };
    }
    return status === 'refunded' || show.calledOff ? refused('refunded', ticket) : null;
  }
}

const timesOf = ({ startsAt, endsAt, cinema: { timeZone } }: Show) => ({ startsAt, endsAt, timeZone });

const refused = (result: 'refunded' | 'wrongShow' | 'notToday', ticket: Ticket): CheckIn => ({
  result,
  ticket,
  usedAt: null,
  gate: null,
});

function toTicket(
  { showId, label }: TicketCode,
  { ticketId, bookingId, seat, status }: StoredTicket,
  code: string,
): Ticket {
  return { ticketId, bookingId, showId, seat, label, code, status };
}

/** Whether a gate lets in to a show: by its key, and by what it says of itself. */
function serves(holder: KeyHolder, call: { readonly showId?: number | undefined }, { showId, cinema }: Show): boolean {
  const { showId: keyShow, cinemaId: keyCinema } = holder;
  if (keyShow !== null && keyShow !== showId) return false;
  if (keyCinema !== null && keyCinema !== cinema.cinemaId) return false;
  return call.showId === undefined || call.showId === showId;
}
