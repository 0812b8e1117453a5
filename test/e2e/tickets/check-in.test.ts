import { describe, expect, it } from '@jest/globals';
import { TicketKeys } from '@usher/contract';
import { CompactSign, generateKeyPair, compactVerify, createLocalJWKSet } from 'jose';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { book, refund } from '../../support/book-seats.js';
import { readJson } from '../../support/contract-shapes.js';
import { setUpGateTests } from '../../support/gate-tests.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { fetchTicketKeys, keyIdOf } from '../../support/tickets.js';

const tests = setUpGateTests();
const { app, makeShowToday, fetchTickets, bookTickets, checkIn } = tests;

describe('a ticket', () => {
  it('exists once per booked seat, even if the buyer asks for the tickets twice at the same time', async () => {
    const showId = await makeShowToday();
    const booking = await book(app.pool, tests.buyer, showId, [4, 5]);
    const [first, second] = await Promise.all([fetchTickets(booking.bookingId), fetchTickets(booking.bookingId)]);
    expect(second).toEqual(first);
    expect(first).toMatchObject([
      { bookingId: booking.bookingId, showId, seat: 4, label: 'A5', status: 'valid' },
      { bookingId: booking.bookingId, showId, seat: 5, label: 'A6', status: 'valid' },
    ]);
    expect(new Set(first.map(({ ticketId }) => ticketId)).size).toBe(2);
  });

  it('admits its holder by the ticket number if its code is unreadable, at a gate that names the show', async () => {
    const showId = await makeShowToday();
    const [ticket] = await bookTickets(showId, [0]);
    const { ticketId } = ticket!;
    expect(await checkIn({ code: ticketId })).toMatchObject({ status: 400, result: 'forged' });
    const elsewhere = await checkIn({ code: ticketId, showId: await makeShowToday() });
    expect(elsewhere).toMatchObject({ status: 400, result: 'forged', ticket: null });
    const typed = await checkIn({ code: ticketId.toUpperCase(), showId });
    expect(typed).toMatchObject({
      status: 200,
      result: 'admitted',
      ticket: { ticketId, label: 'A1', code: ticket!.code },
    });
    expect(await checkIn({ code: ticket!.code })).toMatchObject({ status: 409, result: 'used' });
  });

  it('admits its holder even if a scanner added characters to the code or a wrong keyboard layout changed it', async () => {
    const showId = await makeShowToday();
    const typeOnGermanKeyboard = (text: string) => {
      const germanKeys: Record<string, string> = { y: 'z', z: 'y', Y: 'Z', Z: 'Y', '-': 'ß', _: '?' };
      return Array.from(text, (character) => germanKeys[character] ?? character).join('');
    };
    const waysToScan = [
      (code: string) => `\u001d${code}`,
      (code: string) => `\ufeff${code}`,
      (code: string) => `${code}\t`,
      (code: string) => `]Q1${code}\r`,
      typeOnGermanKeyboard,
    ];
    const tickets = await bookTickets(showId, [0, 1, 2, 3, 4, 5]);
    for (const [index, scan] of waysToScan.entries()) {
      const { code } = tickets[index]!;
      expect(await checkIn({ code: scan(code) })).toMatchObject({ result: 'admitted', ticket: { code } });
    }
    const { ticketId, code } = tickets[5]!;
    const typed = await checkIn({ code: `${typeOnGermanKeyboard(ticketId)}\r`, showId });
    expect(typed).toMatchObject({ result: 'admitted', ticket: { ticketId, code } });
  });

  it('has a code that anyone can verify with the published key', async () => {
    const startsAt = new Date(Date.now() + 30 * 60 * 1000);
    const showId = await makeShow(app.pool, { startsAt });
    const [ticket] = await bookTickets(showId, [0]);
    const published = await fetch(`${app.url}/v1/tickets/keys`);
    expect(published.headers.get('cache-control')).toBe('public, max-age=60');
    const keys = await readJson(TicketKeys, published);
    const { payload, protectedHeader } = await compactVerify(ticket!.code, createLocalJWKSet(keys));
    expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: keys.keys[0]!.kid });
    expect(JSON.parse(Buffer.from(payload).toString())).toEqual({
      ticketId: ticket!.ticketId,
      showId,
      seat: 0,
      label: 'A1',
      startsAt: startsAt.toISOString(),
    });
    expect(JSON.stringify(keys)).not.toContain('"d"');
  });

  it('is not available for a hold, to another session, or for an unknown booking', async () => {
    const showId = await makeShowToday();
    const held = (await tests.buyer.call('POST', `/v1/shows/${showId}/reservations`, { seats: [0] })).body;
    const fetchTicketsAs = (caller: RestCaller, bookingId: unknown) =>
      caller.call('GET', `/v1/bookings/${String(bookingId)}/tickets`);
    expect(await fetchTicketsAs(tests.buyer, held.bookingId)).toMatchObject({
      status: 409,
      body: { code: 'BOOKING_STATE', bookingStatus: 'reserved' },
    });
    const { bookingId } = await book(app.pool, tests.buyer, showId, [1]);
    expect(await fetchTicketsAs(await RestCaller.begin(app.url), bookingId)).toMatchObject({ status: 403 });
    expect(await fetchTicketsAs(tests.buyer, '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071')).toMatchObject({ status: 404 });
    expect(await fetchTicketsAs(tests.buyer, 'nonsense')).toMatchObject({ status: 400 });
  });
});

describe('a gate', () => {
  it('admits a code once, and later reports when and where the code was used', async () => {
    const [ticket] = await bookTickets(await makeShowToday(), [0]);
    const admitted = await checkIn({ code: ticket!.code });
    expect(admitted).toMatchObject({
      status: 200,
      result: 'admitted',
      gate: 'North',
      ticket: { ...ticket, status: 'used' },
    });
    expect(Math.abs(Date.parse(admitted.usedAt!) - Date.now())).toBeLessThan(5000);
    const again = await checkIn({ code: ticket!.code, gate: 'South' });
    expect(again).toEqual({ ...admitted, status: 409, result: 'used' });
    expect((await fetchTickets(ticket!.bookingId))[0]).toMatchObject({ status: 'used' });
  });

  it('admits a code exactly once if a hundred gates read it at the same time', async () => {
    const [ticket] = await bookTickets(await makeShowToday(), [0]);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => checkIn({ code: ticket!.code, gate: `Gate ${n}` })),
    );
    const admitted = answers.filter(({ result }) => result === 'admitted');
    expect(admitted).toHaveLength(1);
    const used = answers.filter(({ result }) => result === 'used');
    expect(used).toHaveLength(99);
    for (const { status, gate: gateName, usedAt } of used) {
      expect([status, gateName, usedAt]).toEqual([409, admitted[0]!.gate, admitted[0]!.usedAt]);
    }
  });

  it('gets the first answer again if it repeats a call whose answer was lost', async () => {
    const [ticket] = await bookTickets(await makeShowToday(), [0]);
    const key = { 'idempotency-key': 'scan-1' };
    const first = await checkIn({ code: ticket!.code }, tests.gate.key, key);
    expect(first.result).toBe('admitted');
    expect(await checkIn({ code: ticket!.code }, tests.gate.key, key)).toEqual(first);
    const credentials = { 'x-api-key': tests.gate.key, ...key };
    const reused = await tests.buyer.call('POST', '/v1/tickets/check-ins', { code: `${ticket!.code}x` }, credentials);
    expect(reused).toMatchObject({ status: 409, body: { code: 'KEY_REUSED' } });
    expect(await checkIn({ code: ticket!.code }, tests.gate.key, { 'idempotency-key': 'scan-2' })).toMatchObject({
      result: 'used',
    });
  });

  it('admits nobody with a ticket for a show other than the one that its key or its request names', async () => {
    const [here, there] = [await makeShowToday(), await makeShowToday()];
    const [ticket] = await bookTickets(here, [0]);
    const { rows } = await app.pool.query(
      'select hall.cinema_id as id from show join hall on hall.id = show.hall_id where show.id = any ($1) order by show.id',
      [[here, there]],
    );
    const expectedWrongShow = {
      status: 409,
      result: 'wrongShow',
      usedAt: null,
      gate: null,
      ticket: { status: 'valid' },
    };
    expect(await checkIn({ code: ticket!.code, showId: there })).toMatchObject(expectedWrongShow);
    const keyOfOtherShow = await makeKey(app.url, { showId: there });
    const outOfScope = { ...expectedWrongShow, ticket: null };
    expect(await checkIn({ code: ticket!.code }, keyOfOtherShow.key)).toMatchObject(outOfScope);
    const keyOfOtherCinema = await makeKey(app.url, { cinemaId: rows[1].id });
    expect(await checkIn({ code: ticket!.code }, keyOfOtherCinema.key)).toMatchObject(outOfScope);
    const keyOfThisCinema = await makeKey(app.url, { cinemaId: rows[0].id });
    expect(await checkIn({ code: ticket!.code, showId: here }, keyOfThisCinema.key)).toMatchObject({
      result: 'admitted',
    });
  });

  it('gets no code of a ticket that it does not admit, so that a stolen gate key cannot copy tickets', async () => {
    const showId = await makeShow(app.pool);
    const [ticket] = await bookTickets(showId, [0]);
    const { ticketId } = ticket!;
    const early = await checkIn({ code: ticketId, showId });
    expect(early).toMatchObject({ result: 'notToday', ticket: { ticketId, code: ticketId } });
    const keyOfOtherShow = await makeKey(app.url, { showId: await makeShowToday() });
    const elsewhere = await checkIn({ code: ticketId, showId }, keyOfOtherShow.key);
    expect(elsewhere).toMatchObject({ result: 'wrongShow', ticket: null });
  });

  it('admits nobody on a day other than the day of the show', async () => {
    const [ticket] = await bookTickets(await makeShow(app.pool), [0]);
    expect(await checkIn({ code: ticket!.code })).toMatchObject({ status: 409, result: 'notToday', usedAt: null });
    expect((await fetchTickets(ticket!.bookingId))[0]).toMatchObject({ status: 'valid' });
  });

  it('admits nobody with the ticket of a seat that was given back', async () => {
    const showId = await makeShowToday();
    const booking = await book(app.pool, tests.buyer, showId, [0, 1]);
    const [returnedTicket, kept] = await fetchTickets(booking.bookingId);
    await refund(app.pool, tests.buyer, booking, [0]);
    expect(await checkIn({ code: returnedTicket!.code })).toMatchObject({ status: 409, result: 'refunded' });
    expect(await checkIn({ code: kept!.code })).toMatchObject({ result: 'admitted' });
  });

  it('detects a text that is not a code, a code with a foreign signature, and a changed code', async () => {
    const [ticket] = await bookTickets(await makeShowToday(), [0]);
    const [header, payload, signature] = ticket!.code.split('.');
    const forger = await generateKeyPair('EdDSA');
    const payloadBytes = Buffer.from(payload!, 'base64url');
    const kid = keyIdOf(ticket!.code);
    const changedPayload = Buffer.from(payloadBytes.toString().replace('"seat":0', '"seat":1')).toString('base64url');
    const unsignedHeader = Buffer.from(JSON.stringify({ alg: 'none', kid })).toString('base64url');
    const codes = [
      'nonsense',
      ticket!.ticketId,
      await new CompactSign(payloadBytes).setProtectedHeader({ alg: 'EdDSA', kid }).sign(forger.privateKey),
      `${header}.${changedPayload}.${signature}`,
      `${unsignedHeader}.${payload}.`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
    ];
    for (const code of codes) {
      expect(await checkIn({ code })).toEqual({
        status: 400,
        result: 'forged',
        ticket: null,
        usedAt: null,
        gate: null,
      });
    }
    expect(await checkIn({ code: ticket!.code })).toMatchObject({ result: 'admitted' });
  });

  it.each([{}, { code: '' }, { code: 7 }, { code: 'x', showId: 'y' }, { code: 'x'.repeat(5000) }])(
    'is told that %j is invalid',
    async (body) => {
      const { status, body: refused } = await tests.buyer.call('POST', '/v1/tickets/check-ins', body, {
        'x-api-key': tests.gate.key,
      });
      expect([status, refused.code]).toEqual([400, 'INVALID_REQUEST']);
    },
  );
});

describe('the ticket keys', () => {
  const callTicketKeys = (method: string, path: string) =>
    tests.buyer.call(method, `/v1/admin/ticket-keys${path}`, undefined, { 'x-api-key': adminKey });
  const listKeyIds = async () => {
    const { keys } = await fetchTicketKeys(app.url);
    return keys.map(({ kid }) => kid);
  };

  it('can be rotated without invalidating the tickets that were already issued', async () => {
    const [ticket] = await bookTickets(await makeShowToday(), [0]);
    const [keyIdBefore] = await listKeyIds();
    const rotated = await Promise.all([callTicketKeys('POST', ''), callTicketKeys('POST', '')]);
    expect(rotated.map(({ status }) => status)).toEqual([201, 201]);
    const after = await listKeyIds();
    expect(after).toHaveLength(3);
    expect(after[2]).toBe(keyIdBefore);
    const [newTicket] = await fetchTickets(ticket!.bookingId);
    expect(newTicket!.code).not.toBe(ticket!.code);
    expect(newTicket!.ticketId).toBe(ticket!.ticketId);
    expect(await checkIn({ code: ticket!.code })).toMatchObject({ result: 'admitted' });
    expect(await checkIn({ code: newTicket!.code })).toMatchObject({ result: 'used' });
  });

  it('can be revoked after a leak, so that codes signed with them are rejected and buyers get new codes', async () => {
    const [ticket] = await bookTickets(await makeShowToday(), [0]);
    const [signingKeyId] = await listKeyIds();
    expect((await callTicketKeys('DELETE', `/${signingKeyId}`)).status).toBe(204);
    expect(await checkIn({ code: ticket!.code })).toMatchObject({ status: 400, result: 'forged' });
    const [newTicket] = await fetchTickets(ticket!.bookingId);
    expect(await checkIn({ code: newTicket!.code })).toMatchObject({ result: 'admitted' });
    expect(await callTicketKeys('DELETE', `/${signingKeyId}`)).toMatchObject({ status: 404 });
    expect(await tests.buyer.call('POST', '/v1/admin/ticket-keys')).toMatchObject({ status: 401 });
  });
});
