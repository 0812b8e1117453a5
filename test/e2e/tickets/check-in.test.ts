import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiKeyMade } from '@usher/contract';
import { CompactSign, generateKeyPair, compactVerify, createLocalJWKSet } from 'jose';
import type pg from 'pg';
import { adminKey, makeKey } from '../../support/api-keys.js';
import type { TestApp } from '../../support/app.js';
import { book, refund } from '../../support/booked.js';
import { GateTests } from '../../support/gate-tests.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';

let tests: GateTests;
let app: TestApp;
let pool: pg.Pool;
let buyer: RestCaller;
let gate: ApiKeyMade;

beforeAll(async () => {
  tests = await GateTests.start();
  ({ app, pool, buyer, gate } = tests);
});

afterAll(() => tests?.close());

const showToday: GateTests['showToday'] = () => tests.showToday();
const ticketsOf: GateTests['ticketsOf'] = (bookingId) => tests.ticketsOf(bookingId);
const bookedTickets: GateTests['bookedTickets'] = (showId, seats) => tests.bookedTickets(showId, seats);
const checkIn: GateTests['checkIn'] = (...call) => tests.checkIn(...call);

describe('a ticket', () => {
  it('is one a booked seat, and there before anybody asked for it twice', async () => {
    const showId = await showToday();
    const booking = await book(pool, buyer, showId, [4, 5]);
    const [first, second] = await Promise.all([ticketsOf(booking.bookingId), ticketsOf(booking.bookingId)]);
    expect(second).toEqual(first);
    expect(first).toMatchObject([
      { bookingId: booking.bookingId, showId, seat: 4, label: 'A5', status: 'valid' },
      { bookingId: booking.bookingId, showId, seat: 5, label: 'A6', status: 'valid' },
    ]);
    expect(new Set(first.map(({ ticketId }) => ticketId)).size).toBe(2);
  });

  it('lets in by the number under its code where that cannot be read, at a gate that knows its show', async () => {
    const showId = await showToday();
    const [ticket] = await bookedTickets(showId, [0]);
    const { ticketId } = ticket!;
    expect(await checkIn({ code: ticketId })).toMatchObject({ status: 400, result: 'forged' });
    const elsewhere = await checkIn({ code: ticketId, showId: await showToday() });
    expect(elsewhere).toMatchObject({ status: 400, result: 'forged', ticket: null });
    const typed = await checkIn({ code: ticketId.toUpperCase(), showId });
    expect(typed).toMatchObject({
      status: 200,
      result: 'admitted',
      ticket: { ticketId, label: 'A1', code: ticket!.code },
    });
    expect(await checkIn({ code: ticket!.code })).toMatchObject({ status: 409, result: 'used' });
  });

  it('lets in by a code with what scanners add to it, and by one that a wrong keyboard layout changed', async () => {
    const showId = await showToday();
    const german = (text: string) => {
      const typed: Record<string, string> = { y: 'z', z: 'y', Y: 'Z', Z: 'Y', '-': 'ß', _: '?' };
      return Array.from(text, (one) => typed[one] ?? one).join('');
    };
    const scans = [
      (code: string) => `\u001d${code}`,
      (code: string) => `\ufeff${code}`,
      (code: string) => `${code}\t`,
      (code: string) => `]Q1${code}\r`,
      german,
    ];
    const tickets = await bookedTickets(showId, [0, 1, 2, 3, 4, 5]);
    for (const [index, scan] of scans.entries()) {
      const { code } = tickets[index]!;
      expect(await checkIn({ code: scan(code) })).toMatchObject({ result: 'admitted', ticket: { code } });
    }
    const { ticketId, code } = tickets[5]!;
    const typed = await checkIn({ code: `${german(ticketId)}\r`, showId });
    expect(typed).toMatchObject({ result: 'admitted', ticket: { ticketId, code } });
  });

  it('has a code that the published key alone verifies', async () => {
    const startsAt = new Date(Date.now() + 30 * 60 * 1000);
    const showId = await makeShow(pool, { startsAt });
    const [ticket] = await bookedTickets(showId, [0]);
    const published = await fetch(`${app.url}/v1/tickets/keys`);
    expect(published.headers.get('cache-control')).toBe('public, max-age=60');
    const keys = (await published.json()) as Parameters<typeof createLocalJWKSet>[0];
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

  it('is no hold’s, no stranger’s and no unknown booking’s', async () => {
    const showId = await showToday();
    const held = (await buyer.call('POST', `/v1/shows/${showId}/reservations`, { seats: [0] })).body;
    const ask = (caller: RestCaller, bookingId: unknown) =>
      caller.call('GET', `/v1/bookings/${String(bookingId)}/tickets`);
    expect(await ask(buyer, held.bookingId)).toMatchObject({
      status: 409,
      body: { code: 'BOOKING_STATE', bookingStatus: 'reserved' },
    });
    const { bookingId } = await book(pool, buyer, showId, [1]);
    expect(await ask(await RestCaller.begin(app.url), bookingId)).toMatchObject({ status: 403 });
    expect(await ask(buyer, '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071')).toMatchObject({ status: 404 });
    expect(await ask(buyer, 'nonsense')).toMatchObject({ status: 400 });
  });
});

describe('a gate', () => {
  it('lets a code in once, and then says when and where that was', async () => {
    const [ticket] = await bookedTickets(await showToday(), [0]);
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
    expect((await ticketsOf(ticket!.bookingId))[0]).toMatchObject({ status: 'used' });
  });

  it('lets a code in exactly once when a hundred gates read it at one time', async () => {
    const [ticket] = await bookedTickets(await showToday(), [0]);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => checkIn({ code: ticket!.code, gate: `Gate ${n}` })),
    );
    const admitted = answers.filter(({ result }) => result === 'admitted');
    expect(admitted).toHaveLength(1);
    const used = answers.filter(({ result }) => result === 'used');
    expect(used).toHaveLength(99);
    for (const { status, gate: at, usedAt } of used) {
      expect([status, at, usedAt]).toEqual([409, admitted[0]!.gate, admitted[0]!.usedAt]);
    }
  });

  it('answers a call that it repeats, as its answer was lost, as the first time', async () => {
    const [ticket] = await bookedTickets(await showToday(), [0]);
    const key = { 'idempotency-key': 'scan-1' };
    const first = await checkIn({ code: ticket!.code }, gate.key, key);
    expect(first.result).toBe('admitted');
    expect(await checkIn({ code: ticket!.code }, gate.key, key)).toEqual(first);
    expect(await checkIn({ code: `${ticket!.code}x` }, gate.key, key)).toMatchObject({
      status: 409,
      code: 'KEY_REUSED',
    });
    expect(await checkIn({ code: ticket!.code }, gate.key, { 'idempotency-key': 'scan-2' })).toMatchObject({
      result: 'used',
    });
  });

  it('lets nobody in to another show than it serves, by its key or by its own word', async () => {
    const [here, there] = [await showToday(), await showToday()];
    const [ticket] = await bookedTickets(here, [0]);
    const { rows } = await pool.query(
      'select hall.cinema_id as id from show join hall on hall.id = show.hall_id where show.id = any ($1) order by show.id',
      [[here, there]],
    );
    const wrong = { status: 409, result: 'wrongShow', usedAt: null, gate: null, ticket: { status: 'valid' } };
    expect(await checkIn({ code: ticket!.code, showId: there })).toMatchObject(wrong);
    const bound = await makeKey(app.url, { showId: there });
    expect(await checkIn({ code: ticket!.code }, bound.key)).toMatchObject(wrong);
    const elsewhere = await makeKey(app.url, { cinemaId: rows[1].id });
    expect(await checkIn({ code: ticket!.code }, elsewhere.key)).toMatchObject(wrong);
    const right = await makeKey(app.url, { cinemaId: rows[0].id });
    expect(await checkIn({ code: ticket!.code, showId: here }, right.key)).toMatchObject({ result: 'admitted' });
  });

  it('lets nobody in on another day', async () => {
    const [ticket] = await bookedTickets(await makeShow(pool), [0]);
    expect(await checkIn({ code: ticket!.code })).toMatchObject({ status: 409, result: 'notToday', usedAt: null });
    expect((await ticketsOf(ticket!.bookingId))[0]).toMatchObject({ status: 'valid' });
  });

  it('lets nobody in by the ticket of a seat that was given back, not even after it was sold again', async () => {
    const showId = await showToday();
    const booking = await book(pool, buyer, showId, [0, 1]);
    const [given, kept] = await ticketsOf(booking.bookingId);
    await refund(pool, buyer, booking, [0]);
    expect(await checkIn({ code: given!.code })).toMatchObject({ status: 409, result: 'refunded' });
    expect(await checkIn({ code: kept!.code })).toMatchObject({ result: 'admitted' });
  });

  it('sees through what is no code, one that is signed by another, and one that was changed', async () => {
    const [ticket] = await bookedTickets(await showToday(), [0]);
    const [header, payload, signature] = ticket!.code.split('.');
    const forger = await generateKeyPair('EdDSA');
    const said = Buffer.from(payload!, 'base64url');
    const kid = JSON.parse(Buffer.from(header!, 'base64url').toString()).kid as string;
    const other = Buffer.from(said.toString().replace('"seat":0', '"seat":1')).toString('base64url');
    const none = Buffer.from(JSON.stringify({ alg: 'none', kid })).toString('base64url');
    const codes = [
      'nonsense',
      ticket!.ticketId,
      await new CompactSign(said).setProtectedHeader({ alg: 'EdDSA', kid }).sign(forger.privateKey),
      `${header}.${other}.${signature}`,
      `${none}.${payload}.`,
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
    'is told what is wrong with %j',
    async (body) => {
      const { status, body: refused } = await buyer.call('POST', '/v1/tickets/check-ins', body, {
        'x-api-key': gate.key,
      });
      expect([status, refused.code]).toEqual([400, 'INVALID_REQUEST']);
    },
  );
});

describe('the keys', () => {
  const admin = (method: string, path: string) =>
    buyer.call(method, `/v1/admin/ticket-keys${path}`, undefined, { 'x-api-key': adminKey });
  const kids = async () => {
    const { keys } = (await (await fetch(`${app.url}/v1/tickets/keys`)).json()) as { keys: { kid: string }[] };
    return keys.map(({ kid }) => kid);
  };

  it('are rotated without a ticket that was given out before becoming worthless', async () => {
    const [ticket] = await bookedTickets(await showToday(), [0]);
    const [before] = await kids();
    const rotated = await Promise.all([admin('POST', ''), admin('POST', '')]);
    expect(rotated.map(({ status }) => status)).toEqual([201, 201]);
    const after = await kids();
    expect(after).toHaveLength(3);
    expect(after[2]).toBe(before);
    const [anew] = await ticketsOf(ticket!.bookingId);
    expect(anew!.code).not.toBe(ticket!.code);
    expect(anew!.ticketId).toBe(ticket!.ticketId);
    expect(await checkIn({ code: ticket!.code })).toMatchObject({ result: 'admitted' });
    expect(await checkIn({ code: anew!.code })).toMatchObject({ result: 'used' });
  });

  it('are taken back when they got out: what they signed is forged, and buyers have a code by another', async () => {
    const [ticket] = await bookedTickets(await showToday(), [0]);
    const [signing] = await kids();
    expect((await admin('DELETE', `/${signing}`)).status).toBe(204);
    expect(await checkIn({ code: ticket!.code })).toMatchObject({ status: 400, result: 'forged' });
    const [anew] = await ticketsOf(ticket!.bookingId);
    expect(await checkIn({ code: anew!.code })).toMatchObject({ result: 'admitted' });
    expect(await admin('DELETE', `/${signing}`)).toMatchObject({ status: 404 });
    expect(await buyer.call('POST', '/v1/admin/ticket-keys')).toMatchObject({ status: 401 });
  });
});
