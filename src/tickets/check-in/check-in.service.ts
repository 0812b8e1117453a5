import { Injectable, Logger } from '@nestjs/common';
import {
  type AdmissionConflict,
  type CheckIn,
  type CheckInBody,
  type GateList,
  OfflineCheckIn,
  type OfflineCheckInsDone,
  type Page,
  readScannedCode,
  type Show,
  type Ticket,
  type TicketCode,
  Uuid,
} from '@usher/contract';
import { CatalogService } from '../../catalog/index.js';
import { DomainError } from '../../common/domain-error.js';
import { toIssues } from '../../common/invalid-request.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { toIso, toIsoOrNull } from '../../database/sql-time.js';
import type { KeyHolder } from '../../access/index.js';
import { TicketKeyRing } from '../keys/ticket-key-ring.service.js';
import { type StoredTicket, TicketStore } from '../ticket-store.js';
import { AdmissionConflicts } from './admission-conflicts.js';
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
  private readonly logger = new Logger(CheckInService.name);

  constructor(
    private readonly store: TicketStore,
    private readonly ring: TicketKeyRing,
    private readonly catalog: CatalogService,
    private readonly clock: DatabaseClock,
    private readonly conflicts: AdmissionConflicts,
  ) {}

  /** Lets one ticket in, or says why not. */
  async checkIn(holder: KeyHolder, call: CheckInCall): Promise<CheckIn> {
    const { code } = readScannedCode(call.code);
    const number = Uuid.safeParse(code.toLowerCase()).data;
    const said =
      number === undefined ? await this.ring.verify(code) : await this.ofNumber(number, call.showId ?? holder.showId);
    const stored = said && (await this.store.find(said.showId, said.ticketId));
    // A good signature on a ticket that no booking has: made with our key, and not by us.
    if (!stored || stored.seat !== said.seat) return forged;
    const show = await this.catalog.show(said.showId);
    const ticket = toTicket(said, stored, number === undefined ? code : await this.ring.sign(said));
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

  /**
   * Records the people whom a gate admitted while it had no network. Each entry is judged on its own, because one that is
   * broken must not keep the others from being recorded.
   */
  async handIn(holder: KeyHolder, entries: readonly unknown[]): Promise<OfflineCheckInsDone> {
    const items: OfflineCheckInsDone['items'] = [];
    // In order: of two entries with the same ticket, the earlier one is the rightful one.
    for (const entry of entries) {
      const read = OfflineCheckIn.safeParse(entry);
      if (read.success) items.push(await this.handInOne(holder, read.data));
      else items.push({ ...forged, issues: toIssues(read.error.issues) });
    }
    return { items };
  }

  /** The conflicts of a show, newest first. @throws DomainError `NOT_FOUND`, `FORBIDDEN` */
  async listConflicts(
    holder: KeyHolder,
    showId: number,
    limit: number,
    cursor: string | null,
  ): Promise<Page<AdmissionConflict>> {
    await this.servedShow(holder, showId);
    return this.conflicts.list(showId, limit, cursor);
  }

  /** All that a gate needs to go on without the network. @throws DomainError `NOT_FOUND`, `FORBIDDEN` */
  async gateList(holder: KeyHolder, showId: number): Promise<GateList> {
    const show = await this.servedShow(holder, showId);
    const [{ keys }, { seats }, stored] = await Promise.all([
      this.ring.publicKeys(),
      this.catalog.layoutOfShow(showId),
      this.store.ofShow(showId),
    ]);
    const tickets = stored.map(({ ticketId, seat, status, isDisputed, usedAt, usedGate }) => ({
      ticketId,
      seat,
      label: seats[seat]?.label ?? String(seat),
      // As a check-in answers: the refunds of a show that was called off may still be on their way.
      status: show.calledOff && status === 'valid' ? ('refunded' as const) : status,
      ...(isDisputed && { disputed: true as const }),
      usedAt: toIsoOrNull(usedAt),
      gate: usedGate,
    }));
    const { from, until } = admission(timesOf(show));
    const admits = { from: toIso(from), until: toIso(until) };
    return { showId, startsAt: show.startsAt, admits, madeAt: this.clock.nowIso(), keys, tickets };
  }

  private async handInOne(holder: KeyHolder, { at, key, ...call }: OfflineCheckIn): Promise<CheckIn> {
    const gate = call.gate ?? holder.name;
    const offline = { at: new Date(at), key: key ?? `offline ${at} ${gate}`.slice(0, 128) };
    const answer = await this.checkIn(holder, { ...call, ...offline });
    const showId = call.showId ?? holder.showId ?? answer.ticket?.showId;
    if (answer.result === 'admitted' || showId === undefined) return answer;
    await this.conflicts.record({ ...offline, showId, code: call.code, gate, answer });
    const { result, ticket, usedAt, gate: usedGate } = answer;
    const event = { showId, ticketId: ticket?.ticketId ?? null, result, at, gate, usedAt, usedGate };
    this.logger.warn(event, 'a gate without network admitted a person whose ticket did not entitle them');
    return answer;
  }

  private async servedShow(holder: KeyHolder, showId: number): Promise<Show> {
    const show = await this.catalog.show(showId);
    if (!serves(holder, { showId }, show)) throw new DomainError('FORBIDDEN', 'This gate serves another show.', {});
    return show;
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
      return { result: 'admitted', ticket: { ...ticket, status: 'used' }, usedAt: toIso(usedAt), gate };
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
      return { result: isRepeated ? 'admitted' : 'used', ticket, usedAt: toIsoOrNull(usedAt), gate };
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
  { ticketId, bookingId, seat, status, isDisputed }: StoredTicket,
  code: string,
): Ticket {
  return { ticketId, bookingId, showId, seat, label, code, status, ...(isDisputed && { disputed: true }) };
}

/** Whether a gate lets in to a show: by its key, and by what it says of itself. */
function serves(holder: KeyHolder, call: { readonly showId?: number | undefined }, { showId, cinema }: Show): boolean {
  const { showId: keyShow, cinemaId: keyCinema } = holder;
  if (keyShow !== null && keyShow !== showId) return false;
  if (keyCinema !== null && keyCinema !== cinema.cinemaId) return false;
  return call.showId === undefined || call.showId === showId;
}
