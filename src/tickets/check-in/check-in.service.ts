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
import { toIssues } from '../../common/invalid-request.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { toIso, toIsoOrNull } from '../../database/sql-time.js';
import { type AuditCaller, type KeyHolder, KeyScopes } from '../../access/index.js';
import { TicketKeyRing } from '../keys/ticket-key-ring.service.js';
import { type StoredTicket, TicketStore } from '../ticket-store.js';
import { AdmissionConflicts } from './admission-conflicts.js';
import { admissionPeriod, isAdmissionTime } from './opening.js';

/** One attempt of a gate to check in a ticket. */
export interface CheckInCall extends CheckInBody {
  /** Idempotency key, or null. A repeated call with the same key gets the first answer again. */
  readonly key: string | null;
  /**
   * Time at which a gate without a network admitted the person, by the gate's clock. Null means the current time.
   */
  readonly at: Date | null;
  /** The gate's key and address, for the audit trail. */
  readonly caller: AuditCaller;
}

const forgedResult: CheckIn = { result: 'forged', ticket: null, usedAt: null, gate: null };

/** The answer about a show outside the scope of the gate's key. It has no ticket, because the ticket is of another cinema. */
const outOfScopeResult: CheckIn = { ...forgedResult, result: 'wrongShow' };

/** What is wrong with an entry that the service cannot record, because the gate's key does not reach its show. */
const outOfScopeIssues = [
  { path: 'showId', message: 'The show is outside the scope of the API key or the operator. Nothing was recorded.' },
];

/** Checks in tickets at the gates. Each ticket admits one person once. */
@Injectable()
export class CheckInService {
  private readonly logger = new Logger(CheckInService.name);

  constructor(
    private readonly store: TicketStore,
    private readonly ring: TicketKeyRing,
    private readonly catalog: CatalogService,
    private readonly clock: DatabaseClock,
    private readonly conflicts: AdmissionConflicts,
    private readonly scopes: KeyScopes,
  ) {}

  /** Checks in one ticket. The result is `admitted` or the reason for the refusal. */
  async checkIn(holder: KeyHolder, call: CheckInCall): Promise<CheckIn> {
    const { code } = readScannedCode(call.code);
    const ticketId = Uuid.safeParse(code.toLowerCase()).data;
    const typedShowId = call.showId ?? holder.showId;
    const signed = ticketId === undefined ? await this.ring.verify(code) : null;
    const showId = ticketId === undefined ? signed?.showId : typedShowId;
    // No ticket of a show outside the scope is read, so the answer cannot tell anything about it.
    if (typeof showId === 'number' && !(await this.scopes.containsShow(holder, showId))) return outOfScopeResult;
    const ticketCode = ticketId === undefined ? signed : await this.findByTicketId(ticketId, typedShowId);
    const stored = ticketCode && (await this.store.find(ticketCode.showId, ticketCode.ticketId));
    // The signature may be valid although no booking has the ticket. In that case, the code was signed with a stolen
    // key.
    if (!stored || stored.seat !== ticketCode.seat) return forgedResult;
    const show = await this.catalog.show(ticketCode.showId);
    // A refusal repeats the typed ticket id instead of the code. Otherwise, a stolen gate key could copy all tickets of
    // a later show, because the gate list contains their ids.
    const ticket = toTicket(ticketCode, stored, ticketId ?? code);
    if ((call.showId ?? show.showId) !== show.showId) return createRefusal('wrongShow', ticket);
    const finalResult = this.getFinalResult(stored, ticket, show, call);
    if (finalResult) return finalResult;
    // If the gate's clock is ahead of the server's clock, the server's clock determines the day.
    const at = Math.min(call.at?.getTime() ?? Infinity, this.clock.now());
    if (!isAdmissionTime(toShowTimes(show), at)) {
      return createRefusal('notToday', ticket);
    }
    const result = await this.admit(holder, call, ticket);
    if (result.result !== 'admitted' || result.ticket === null || ticketId === undefined) return result;
    return { ...result, ticket: { ...result.ticket, code: await this.ring.sign(ticketCode) } };
  }

  /**
   * Records the people whom a gate admitted while it had no network. Each entry is checked separately, because one invalid
   * entry must not prevent the recording of the other entries.
   */
  async recordOfflineCheckIns(
    holder: KeyHolder,
    caller: AuditCaller,
    entries: readonly unknown[],
  ): Promise<OfflineCheckInsDone> {
    const items: OfflineCheckInsDone['items'] = [];
    // The order matters, because only the earlier of two entries with the same ticket is rightful.
    for (const entry of entries) {
      const read = OfflineCheckIn.safeParse(entry);
      if (read.success) items.push(await this.recordOfflineCheckIn(holder, caller, read.data));
      else items.push({ ...forgedResult, issues: toIssues(read.error.issues) });
    }
    return { items };
  }

  /** Returns the conflicts of a show, newest first. @throws DomainError `NOT_FOUND` */
  async listConflicts(showId: number, limit: number, cursor: string | null): Promise<Page<AdmissionConflict>> {
    await this.catalog.show(showId);
    return this.conflicts.list(showId, limit, cursor);
  }

  /**
   * Returns the keys and tickets that a gate needs to check in tickets without a network.
   *
   * @throws DomainError `NOT_FOUND`
   */
  async gateList(showId: number): Promise<GateList> {
    const show = await this.catalog.show(showId);
    const [{ keys }, { seats }, stored] = await Promise.all([
      this.ring.publicKeys(),
      this.catalog.layoutOfShow(showId),
      this.store.listForShow(showId),
    ]);
    const tickets = stored.map(({ ticketId, seat, status, isDisputed, usedAt, usedGate }) => ({
      ticketId,
      seat,
      label: seats[seat]?.label ?? String(seat),
      // If a show was called off, its refunds may not be complete yet. A check-in also treats such a ticket as
      // refunded.
      status: show.calledOff && status === 'valid' ? ('refunded' as const) : status,
      ...(isDisputed && { disputed: true as const }),
      usedAt: toIsoOrNull(usedAt),
      gate: usedGate,
    }));
    const { from, until } = admissionPeriod(toShowTimes(show));
    const admits = { from: toIso(from), until: toIso(until) };
    return { showId, startsAt: show.startsAt, admits, madeAt: this.clock.nowIso(), keys, tickets };
  }

  private async recordOfflineCheckIn(
    holder: KeyHolder,
    caller: AuditCaller,
    { at, key, ...call }: OfflineCheckIn,
  ): Promise<OfflineCheckInsDone['items'][number]> {
    const gate = call.gate ?? defaultGateOf(holder);
    const offline = { at: new Date(at), key: key ?? `offline ${at} ${gate}`.slice(0, 128) };
    const answer = await this.checkIn(holder, { ...call, ...offline, caller });
    if (answer.result === 'admitted') return answer;
    const showId = await this.findShowOfConflict(holder, [call.showId, holder.showId, answer.ticket?.showId]);
    if (showId === null) {
      // A code that this service did not make names no show. Without a show, there is no place for a record.
      const isOutOfScope = call.showId !== undefined || answer.result === 'wrongShow';
      return isOutOfScope ? { ...answer, issues: outOfScopeIssues } : answer;
    }
    await this.conflicts.record({ ...offline, caller, showId, code: call.code, gate, answer });
    const { result, ticket, usedAt, gate: usedGate } = answer;
    const event = { showId, ticketId: ticket?.ticketId ?? null, result, at, gate, usedAt, usedGate };
    this.logger.warn(
      event,
      'a gate without network admitted a person without a valid ticket; the conflict was recorded for staff',
    );
    return answer;
  }

  /** Returns the first show in the scope of the gate, in whose chain of the audit trail the conflict is recorded, or null. */
  private async findShowOfConflict(
    holder: KeyHolder,
    showIds: readonly (number | null | undefined)[],
  ): Promise<number | null> {
    for (const showId of showIds) {
      if (typeof showId === 'number' && (await this.scopes.containsShow(holder, showId))) return showId;
    }
    return null;
  }

  /**
   * Finds the ticket for a ticket id. The id is printed under the code, so staff can type it if a scanner cannot read
   * the code. This is as safe as the code, because nobody can guess an id. A person who has seen the id has also seen
   * the code.
   */
  private async findByTicketId(ticketId: string, showId: number | null): Promise<TicketCode | null> {
    const stored = showId === null ? null : await this.store.find(showId, ticketId);
    if (showId === null || !stored) return null;
    const [{ startsAt }, { seats }] = await Promise.all([this.catalog.show(showId), this.catalog.layoutOfShow(showId)]);
    return { ticketId, showId, seat: stored.seat, label: seats[stored.seat]?.label ?? String(stored.seat), startsAt };
  }

  private async admit(holder: KeyHolder, call: CheckInCall, ticket: Ticket): Promise<CheckIn> {
    const { showId, ticketId } = ticket;
    const gate = call.gate ?? defaultGateOf(holder);
    const usedAt = await this.store.admit({ showId, ticketId, gate, key: call.key, at: call.at, caller: call.caller });
    if (usedAt !== null) {
      return { result: 'admitted', ticket: { ...ticket, status: 'used' }, usedAt: toIso(usedAt), gate };
    }
    // Another gate checked in the ticket first, or a refund voided the ticket.
    const stored = await this.store.find(showId, ticketId);
    const show = await this.catalog.show(showId);
    return (stored && this.getFinalResult(stored, { ...ticket, status: stored.status }, show, call)) ?? forgedResult;
  }

  /**
   * Returns the result for a ticket that was used or refunded. No gate can admit such a ticket on any day. Returns null
   * if the ticket may still admit a person.
   */
  private getFinalResult(stored: StoredTicket, ticket: Ticket, show: Show, call: CheckInCall): CheckIn | null {
    const { status, usedAt, usedGate: gate, usedKey } = stored;
    if (status === 'used') {
      const isRepeated = call.key !== null && call.key === usedKey;
      return { result: isRepeated ? 'admitted' : 'used', ticket, usedAt: toIsoOrNull(usedAt), gate };
    }
    return status === 'refunded' || show.calledOff ? createRefusal('refunded', ticket) : null;
  }
}

const toShowTimes = ({ startsAt, endsAt, cinema: { timeZone } }: Show) => ({ startsAt, endsAt, timeZone });

const createRefusal = (result: 'refunded' | 'wrongShow' | 'notToday', ticket: Ticket): CheckIn => ({
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

/** Returns the name of a gate that has none of its own. Tickets name no operator, because buyers see who admitted them. */
const defaultGateOf = ({ name, operator }: KeyHolder): string => (operator ? 'Gate' : name);
