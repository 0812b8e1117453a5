import { beforeAll, describe, expect, it } from '@jest/globals';
import { CheckIn, OfflineCheckInsDone, type Ticket } from '@usher/contract';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { validate } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';
import { type KeyPlace, setUpKeyPlaces } from '../../support/key-places.js';
import { fetchTicketsOf } from '../../support/tickets.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
const places = setUpKeyPlaces(app);
const gates: Record<'cinema' | 'show', string> = { cinema: '', show: '' };

beforeAll(async () => {
  gates.cinema = (await places.makeOwnKey({ roles: ['gate'] })).key;
  gates.show = (await makeKey(app.url, { roles: ['gate'], showId: places.own.showId })).key;
});

const ticketOf = async ({ booking }: KeyPlace): Promise<Ticket> =>
  (await fetchTicketsOf(places.buyer, booking.bookingId))[0]!;

/** Counts what the service has stored about the check-ins of a show: conflicts, entries of the audit trail, used tickets. */
async function countRecords({ showId }: KeyPlace) {
  const { rows } = await app.pool.query<{ conflicts: number; entries: number; used: number }>(
    `select (select count(*)::int from admission_conflict where show_id = $1) as conflicts,
       (select count(*)::int from audit_entry where show_id = $1 and action like 'ticket.%') as entries,
       (select count(*)::int from ticket where show_id = $1 and used_at is not null) as used`,
    [showId],
  );
  return rows[0]!;
}

const nothing = { conflicts: 0, entries: 0, used: 0 };
const nowhere = { result: 'wrongShow', ticket: null, usedAt: null, gate: null };

describe.each(['cinema', 'show'] as const)('a gate whose key is limited to one %s', (kind) => {
  const checkIn = async (body: object) => {
    const answer = await places.call('POST', '/v1/tickets/check-ins', gates[kind], body);
    return { status: answer.status, ...validate(CheckIn, answer.body) };
  };

  it('learns nothing about a ticket outside its scope', async () => {
    const { own, foreign } = places;
    const { code, ticketId } = await ticketOf(foreign);
    const calls = [
      { code },
      { code, showId: foreign.showId },
      { code: ticketId, showId: foreign.showId },
      { code: ticketId.toUpperCase(), showId: foreign.showId },
      { code: crypto.randomUUID(), showId: foreign.showId },
      { code, showId: own.showId },
    ];
    for (const call of calls) expect(await checkIn(call)).toEqual({ status: 409, ...nowhere });
    expect(await checkIn({ code: ticketId, showId: own.showId })).toMatchObject({ result: 'forged', ticket: null });
    expect(await countRecords(foreign)).toEqual(nothing);
  });

  it('uploads admissions without a record about a show outside its scope, and loses no other entry', async () => {
    const { own, foreign } = { own: await places.makePlace(), foreign: places.foreign };
    await app.pool.query('update hall set cinema_id = $1 where id = $2', [places.own.cinemaId, own.hallId]);
    const scope = kind === 'show' ? { showId: own.showId } : { cinemaIds: [places.own.cinemaId] };
    const { key } = await makeKey(app.url, { roles: ['gate'], ...scope });
    const [ownTicket, foreignTicket] = [await ticketOf(own), await ticketOf(foreign)];
    const at = new Date().toISOString();
    const checkIns = [
      { code: 'made up', showId: foreign.showId },
      { code: foreignTicket.ticketId, showId: foreign.showId },
      { code: foreignTicket.code, showId: foreign.showId },
      { code: foreignTicket.code },
      { code: ownTicket.code },
      { code: foreignTicket.code, showId: own.showId },
      { code: ownTicket.code, showId: foreign.showId, gate: 'South' },
      { code: 'made up without a show' },
    ].map((entry, index) => ({ at, key: `entry-${index}`, ...entry }));
    const answer = await places.call('POST', '/v1/tickets/check-ins/offline', key, { checkIns });
    expect(answer.status).toBe(200);
    const { items } = validate(OfflineCheckInsDone, answer.body);
    const isRecorded = items.map(({ issues }) => issues === undefined);
    expect(items.map(({ result }) => result)).toEqual([
      'forged',
      'wrongShow',
      'wrongShow',
      'wrongShow',
      'admitted',
      'wrongShow',
      'wrongShow',
      'forged',
    ]);
    const ownId = ownTicket.ticketId;
    const ticketIds = items.map(({ ticket }) => ticket?.ticketId ?? null);
    expect(ticketIds).toEqual([null, null, null, null, ownId, null, ownId, null]);
    // The key of one show gives each entry without a show in its scope this show.
    expect(isRecorded).toEqual(
      kind === 'show' ? Array(8).fill(true) : [...Array(4).fill(false), ...Array(4).fill(true)],
    );
    expect(await countRecords(foreign)).toEqual(nothing);
    const conflicts = kind === 'show' ? 7 : 2;
    expect(await countRecords(own)).toEqual({ conflicts, entries: conflicts + 1, used: 1 });
    const { rows } = await app.pool.query<{ row: string }>(
      'select c::text as row from admission_conflict c where show_id = $1',
      [own.showId],
    );
    for (const { row } of rows) expect(row).not.toContain(foreignTicket.ticketId);
  });
});
