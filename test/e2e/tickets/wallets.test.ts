import { execFile } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Booking, Ticket } from '@usher/contract';
import { unzipSync } from 'fflate';
import { jwtVerify } from 'jose';
import type pg from 'pg';
import { generate } from 'selfsigned';
import { z } from 'zod';
import { readConfig } from '../../../src/config/config.js';
import { checkPassFiles, type PassFiles } from '../../../src/tickets/wallets/pass-certificates.js';
import { openWallets } from '../../../src/tickets/wallets/wallets.js';
import { startApp, type TestApp } from '../../support/app.js';
import { book, refund } from '../../support/book-seats.js';
import { parseJson } from '../../support/contract-shapes.js';
import { testPool } from '../../support/database.js';
import { RestCaller } from '../../support/rest.js';
import { withShiftedClock } from '../../support/service-host/start-test-service.js';
import { makeShow } from '../../support/show.js';
import { fetchTicketsOf } from '../../support/tickets.js';
import { createWalletAccounts, type WalletAccounts } from '../../support/wallet-accounts.js';

const run = promisify(execFile);

let accounts: WalletAccounts;
let app: TestApp;
let pool: pg.Pool;
let buyer: RestCaller;
let booking: Booking;
let ticket: Ticket;

beforeAll(async () => {
  accounts = await createWalletAccounts();
  app = await startApp({ demo: false, env: accounts.env });
  pool = testPool(app.databaseUrl);
  buyer = await RestCaller.begin(app.url);
  booking = await book(pool, buyer, await makeShow(pool, { startsAt: new Date('2031-03-30T19:30:00.000Z') }), [12, 13]);
  ticket = (await listTickets(booking))[0]!;
});

afterAll(async () => {
  await pool?.end();
  await app?.close();
  await rm(accounts.folder, { recursive: true, force: true });
});

const listTickets = ({ bookingId }: Booking): Promise<Ticket[]> => fetchTicketsOf(buyer, bookingId);

async function downloadApplePass() {
  const answer = await fetch(app.url + (ticket.wallets?.apple ?? ''), {
    headers: { authorization: `Bearer ${buyer.session.token}` },
  });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/vnd.apple.pkpass']);
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="ticket.pkpass"');
  return unzipSync(new Uint8Array(await answer.arrayBuffer()));
}

describe('a pass for Apple Wallet', () => {
  it('lists the hash of every file in a manifest that openssl verifies with the operator’s certificate', async () => {
    const makeCertificates = await downloadApplePass();
    const { 'manifest.json': manifest, signature, ...rest } = makeCertificates;
    const hashes = Object.entries(rest).map(([name, file]) => [name, createHash('sha1').update(file).digest('hex')]);
    expect(JSON.parse(Buffer.from(manifest!).toString())).toEqual(Object.fromEntries(hashes));
    expect(Object.keys(rest)).toEqual(expect.arrayContaining(['pass.json', 'icon.png', 'icon@2x.png', 'logo.png']));
    const inFolder = (name: string) => join(accounts.folder, name);
    await Promise.all([writeFile(inFolder('manifest'), manifest!), writeFile(inFolder('signature'), signature!)]);
    const verify = () =>
      run('openssl', [
        'smime', '-verify', '-inform', 'DER', '-in', inFolder('signature'), '-content', inFolder('manifest'), '-binary',
        '-CAfile', inFolder('wwdr.pem'), '-purpose', 'any', '-signer', inFolder('signer.pem'), '-out', inFolder('verified'),
      ]); // prettier-ignore
    await verify();
    const { stdout } = await run('openssl', ['x509', '-in', inFolder('signer.pem'), '-noout', '-serial']);
    expect(stdout.trim()).toBe('serial=07');
    await writeFile(inFolder('manifest'), `${Buffer.from(manifest!).toString()} `);
    await expect(verify()).rejects.toThrow(/Verification failure/i);
  });

  it('names the show and the seat, and its QR code contains the ticket’s code', async () => {
    const pass = parseJson(z.record(z.string(), z.unknown()), (await downloadApplePass())['pass.json']!);
    expect(pass).toMatchObject({
      formatVersion: 1,
      passTypeIdentifier: 'pass.example.usher',
      teamIdentifier: 'TEAM123456',
      serialNumber: ticket.ticketId,
      barcodes: [{ format: 'PKBarcodeFormatQR', message: ticket.code, messageEncoding: 'iso-8859-1' }],
      eventTicket: {
        primaryFields: [{ value: 'A Test' }],
        secondaryFields: [{ value: 'Sun, 30 March 2031, 21:30' }, { value: 'Hall 1' }],
        auxiliaryFields: [{ value: 'B3' }, { value: 'Hall, row B, seat 3' }],
      },
    });
    expect(new Date(String(pass['relevantDate'])).toISOString()).toBe('2031-03-30T19:30:00.000Z');
  });
});

describe('a link for Google Wallet', () => {
  it('is signed by the service account and contains the show, the seat and the code', async () => {
    const { status, body } = await buyer.call('GET', ticket.wallets?.google ?? '');
    expect(status).toBe(200);
    const url = String(body['url']);
    const [, token] = /^https:\/\/pay\.google\.com\/gp\/v\/save\/([\w.-]+)$/.exec(url) ?? [];
    const { payload, protectedHeader } = await jwtVerify(token!, accounts.googleKey, { audience: 'google' });
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT' });
    const makeText = (value: string) => ({ defaultValue: { language: 'en', value } });
    const classId = `3388000000012345678.show-${booking.showId}`;
    expect(payload).toMatchObject({
      iss: 'usher@example.iam.gserviceaccount.com',
      typ: 'savetowallet',
      payload: {
        eventTicketClasses: [
          {
            id: classId,
            eventName: makeText('A Test'),
            venue: { name: makeText('Test'), address: makeText('Street 1, 10115') },
            dateTime: { start: '2031-03-30T21:30:00+02:00' },
          },
        ],
        eventTicketObjects: [
          {
            id: `3388000000012345678.${ticket.ticketId}`,
            classId,
            state: 'ACTIVE',
            barcode: { type: 'QR_CODE', value: ticket.code },
            seatInfo: { section: makeText('Hall'), seat: makeText('B3') },
          },
        ],
      },
    });
    // Some browsers cut off longer links. The limit leaves room for longer names.
    expect(url.length).toBeLessThan(1900);
  });
});

it('a wallet pass is refused to other sessions, for unknown tickets, and for seats that were given back', async () => {
  const other = await RestCaller.begin(app.url);
  for (const path of [ticket.wallets!.apple!, ticket.wallets!.google!]) {
    expect(await other.call('GET', path)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    const unknown = path.replace(ticket.ticketId, '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071');
    expect(await buyer.call('GET', unknown)).toMatchObject({ status: 404, body: { what: 'ticket' } });
  }
  const [, returnedTicket] = await listTickets(booking);
  await refund(pool, buyer, booking, [13]);
  expect(await buyer.call('GET', returnedTicket!.wallets!.apple!)).toMatchObject({
    status: 409,
    body: { code: 'BOOKING_STATE' },
  });
  const remaining = await listTickets(booking);
  expect(remaining.map(({ wallets }) => wallets?.apple === null)).toEqual(
    remaining.map(({ status }) => status === 'refunded'),
  );
});

it('a service without wallet keys offers no passes, and its tickets mention no passes', async () => {
  const serviceWithoutWallets = await startApp({ demo: false });
  try {
    const caller = await RestCaller.begin(serviceWithoutWallets.url);
    const plainPool = testPool(serviceWithoutWallets.databaseUrl, 2);
    const { bookingId } = await book(plainPool, caller, await makeShow(plainPool), [0]);
    await plainPool.end();
    const [ticketWithoutWallets] = await fetchTicketsOf(caller, bookingId);
    expect(ticketWithoutWallets).not.toHaveProperty('wallets');
    for (const [wallet, name] of [
      ['apple', 'pass for Apple Wallet'],
      ['google', 'pass for Google Wallet'],
    ]) {
      const path = `/v1/bookings/${bookingId}/tickets/${ticketWithoutWallets!.ticketId}/wallet/${wallet}`;
      expect(await caller.call('GET', path)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND', what: name } });
    }
  } finally {
    await serviceWithoutWallets.close();
  }
});

it.each([
  ['a certificate without a key', { APPLE_PASS_CERTIFICATE: 'pass.pem' }, /APPLE_PASS_KEY/],
  [
    'a missing key file',
    { GOOGLE_WALLET_ISSUER: '1', GOOGLE_WALLET_KEY: '/nowhere.json' },
    /GOOGLE_WALLET_KEY: \/nowhere.json/,
  ],
  ['an invalid issuer', { GOOGLE_WALLET_ISSUER: 'me', GOOGLE_WALLET_KEY: 'x' }, /GOOGLE_WALLET_ISSUER: must be/],
])('the service does not start with %s, and names the setting', async (_, env, message) => {
  await expect((async () => openWallets(readConfig(env)))()).rejects.toThrow(message);
});

it('the service does not start with a certificate that is not for passes, or with a wrong passphrase', async () => {
  const wrongPassphrase = { ...accounts.env, APPLE_PASS_PASSPHRASE: 'another' };
  await expect(openWallets(readConfig(wrongPassphrase))).rejects.toThrow(/APPLE_PASS_PASSPHRASE does not decrypt it/);
  const wrongCertificate = { ...accounts.env, APPLE_PASS_CERTIFICATE: accounts.env['APPLE_WWDR_CERTIFICATE']! };
  await expect(openWallets(readConfig(wrongCertificate))).rejects.toThrow(/does not name a pass type and a team/);
});

describe('certificates that sign a pass for Apple Wallet', () => {
  const dayMs = 86_400_000;
  // The package has no name for the attribute UID, so the test uses the number of UID.
  const subject = [
    { shortName: '0.9.2342.19200300.100.1.1', value: 'pass.example.usher' },
    { shortName: 'CN', value: 'Pass Type ID: pass.example.usher' },
    { shortName: 'OU', value: 'TEAM123456' },
  ];
  const daysFromNow = (days: number) => new Date(Date.now() + days * dayMs);

  /** Creates the files of a certificate authority and of a certificate that it issued. */
  async function makeCertificates(validity: {
    readonly from: number;
    readonly until: number;
    readonly wwdrUntil?: number;
  }) {
    const wwdr = await generate([{ name: 'commonName', value: 'WWDR' }], {
      notBeforeDate: daysFromNow(-100),
      notAfterDate: daysFromNow(validity.wwdrUntil ?? 100),
      extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
    });
    const signer = await generate(subject, {
      notBeforeDate: daysFromNow(validity.from),
      notAfterDate: daysFromNow(validity.until),
      ca: { key: wwdr.private, cert: wwdr.cert },
    });
    return { certificate: signer.cert, key: signer.private, passphrase: null, wwdrCertificate: wwdr.cert };
  }

  it('are accepted if they belong together and are valid', async () => {
    const certificates = await makeCertificates({ from: -1, until: 50, wwdrUntil: 40 });
    expect(checkPassFiles(certificates, Date.now())).toMatchObject({
      passTypeIdentifier: 'pass.example.usher',
      teamIdentifier: 'TEAM123456',
      expiresFirst: 'APPLE_WWDR_CERTIFICATE',
    });
  });

  it('prevent the start if they are invalid or do not match, with an error that names the setting and the reason', async () => {
    const matching = await makeCertificates({ from: -1, until: 50 });
    const other = await makeCertificates({ from: -1, until: 50 });
    const expectRefusal = (files: PassFiles, message: RegExp) =>
      expect(() => checkPassFiles(files, Date.now())).toThrow(message);
    expectRefusal(await makeCertificates({ from: -50, until: -1 }), /^APPLE_PASS_CERTIFICATE expired at \d{4}-/);
    expectRefusal(await makeCertificates({ from: 1, until: 50 }), /^APPLE_PASS_CERTIFICATE is not valid before \d{4}-/);
    expectRefusal(
      await makeCertificates({ from: -1, until: 50, wwdrUntil: -1 }),
      /^APPLE_WWDR_CERTIFICATE expired at \d{4}-/,
    );
    expectRefusal({ ...matching, key: other.key }, /^APPLE_PASS_KEY belongs to another certificate/);
    expectRefusal({ ...matching, wwdrCertificate: other.wwdrCertificate }, /^APPLE_WWDR_CERTIFICATE did not issue/);
    expectRefusal(
      { ...matching, wwdrCertificate: matching.key },
      /^APPLE_WWDR_CERTIFICATE: the file contains no certificate/,
    );
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
    expectRefusal({ ...matching, key: ec.toString() }, /^APPLE_PASS_KEY must be an RSA key/);
  });
});

it('the service offers no pass after a certificate has expired, and `/health/ready` reports that', async () => {
  const readHealth = async () => (await buyer.call('GET', '/health/ready')).body;
  expect(await readHealth()).toMatchObject({ without: [] });
  const path = ticket.wallets!.apple!;
  await withShiftedClock(21 * 86_400_000, async () => {
    const [remaining] = (await listTickets(booking)).filter(({ status }) => status !== 'refunded');
    expect(remaining!.wallets).toMatchObject({ apple: null, google: expect.any(String) });
    expect(await buyer.call('GET', path)).toMatchObject({ status: 404, body: { what: 'pass for Apple Wallet' } });
    expect(await readHealth()).toMatchObject({ without: ['apple-wallet'] });
  });
});

it.each([
  ['STRIPE_SECRET_KEY', { STRIPE_SECRET_KEY: 'pk_test_publishable', STRIPE_WEBHOOK_SECRET: 'whsec_x' }],
  ['STRIPE_WEBHOOK_SECRET', { STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_WEBHOOK_SECRET: 'we_1' }],
])('the service does not start with a %s of the wrong kind', (setting, env) => {
  expect(() => readConfig({ PAYMENT_PROVIDER: 'stripe', ...env })).toThrow(setting);
});
