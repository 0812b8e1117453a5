import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PushKey, QueueProof, type Session, type Ticket, WebhookEndpointMade } from '@usher/contract';
import type pg from 'pg';
import type { Service } from '../../../src/service.js';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { book } from '../../support/book-seats.js';
import { readJson, validate } from '../../support/contract-shapes.js';
import { createTestDatabase, type TestDatabase, testEnvironment, testPool } from '../../support/database.js';
import { createTestCipher } from '../../support/encryption.js';
import { RestCaller } from '../../support/rest.js';
import { startTestService } from '../../support/service-host/start-test-service.js';
import { ServiceProcess } from '../../support/service-process.js';
import { makeShow } from '../../support/show.js';
import { testEncryptionKey as oldKey } from '../../support/test-encryption-key.js';
import { fetchTicketKeys, fetchTicketsOf } from '../../support/tickets.js';
import { WebhookListener } from '../../support/webhook-listener.js';
import { secretColumns } from '../../../src/mikro-orm.config.js';

const newKey = 'the encryption key after a rotation';
const services: Service[] = [];
let database: TestDatabase;
let pool: pg.Pool;
let partner: WebhookListener;

beforeEach(async () => {
  database = await createTestDatabase({ demo: false });
  pool = testPool(database.url);
  partner = await WebhookListener.start();
});

const stopServices = async () => {
  for (const service of services.splice(0)) await service.close();
};

afterEach(async () => {
  await stopServices();
  await partner.close();
  await pool.end();
  await database.drop();
});

const settings = (ENCRYPTION_KEY: string) =>
  testEnvironment(database.url, { ENCRYPTION_KEY, ADMIN_API_KEY: adminKey, WEBHOOK_PRIVATE_HOSTS: 'true' });

async function start(encryptionKey: string): Promise<Service> {
  const service = await startTestService(settings(encryptionKey));
  services.push(service);
  return service;
}

/** Stops all services and starts one with other keys, as an operator does. */
async function restart(encryptionKey: string): Promise<Service> {
  await stopServices();
  return start(encryptionKey);
}

const startAndFail = async (encryptionKey: string): Promise<string> =>
  startTestService(settings(encryptionKey)).then(
    () => 'the service has started',
    (error: Error) => error.message,
  );

/** What buyers and partners have of the service's secrets. */
interface Issued {
  readonly session: Session;
  readonly showId: number;
  readonly tickets: readonly Ticket[];
  readonly endpoint: WebhookEndpointMade;
  readonly publicKeys: readonly unknown[];
}

const readPublicKeys = async ({ url }: Service, showId: number): Promise<unknown[]> => [
  await fetchTicketKeys(url),
  await readJson(PushKey, await fetch(`${url}/v1/push/key`)),
  (await readJson(QueueProof, await fetch(`${url}/v1/shows/${showId}/queue/proof?line=seats`))).publicKey,
];

/** Uses each secret of the service: sells tickets, registers a webhook, and reads all public keys. */
async function issue(service: Service): Promise<Issued> {
  const buyer = await RestCaller.begin(service.url);
  const showId = await makeShow(pool, { startsAt: new Date(Date.now() + 30 * 60 * 1000) });
  const { bookingId } = await book(pool, buyer, showId, [0, 1, 2, 3]);
  const tickets = await fetchTicketsOf(buyer, bookingId);
  const webhook = { url: partner.url, events: ['booking.booked'] };
  const made = await buyer.call('POST', '/v1/partners/webhooks', webhook, { 'x-api-key': adminKey });
  const endpoint = validate(WebhookEndpointMade, made.body);
  return { session: buyer.session, showId, tickets, endpoint, publicKeys: await readPublicKeys(service, showId) };
}

/** Expects that a service has all the secrets with which the tickets and the webhook were issued. */
async function expectSameSecrets(service: Service, issued: Issued, unusedTicket: number): Promise<void> {
  const { showId, tickets, endpoint, session } = issued;
  expect(await readPublicKeys(service, showId)).toEqual(issued.publicKeys);
  const buyer = new RestCaller(service.url, session);
  // The same key always gives the same code.
  const codes = (await fetchTicketsOf(buyer, tickets[0]!.bookingId)).map(({ code }) => code);
  expect(codes).toEqual(tickets.map(({ code }) => code));
  const { key } = await makeKey(service.url, { roles: ['gate'] });
  const { code } = tickets[unusedTicket]!;
  const admitted = await buyer.call('POST', '/v1/tickets/check-ins', { code }, { 'x-api-key': key });
  expect(admitted).toMatchObject({ status: 200, body: { result: 'admitted' } });
  const { bookingId } = await book(pool, buyer, await makeShow(pool), [0]);
  const [call] = await partner.waitForCalls(1, ({ event }) => event.data.bookingId === bookingId);
  expect(WebhookListener.verify(endpoint.secret, call!)).toEqual(call!.event);
}

/** Reads all rows of all tables as text. */
async function dumpDatabase(): Promise<string> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select quote_ident(relname) as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  const rows = await Promise.all(
    tables.map(async ({ name }) => (await pool.query<{ row: string }>(`select t::text as row from ${name} t`)).rows),
  );
  return rows.flatMap((some) => some.map(({ row }) => row)).join('\n');
}

/** Reads the values of all encrypted columns, with their secrets. */
async function readSecrets() {
  const cipher = createTestCipher(oldKey, newKey);
  const values = await Promise.all(
    secretColumns.map(async (column) => {
      const { rows } = await pool.query<{ rowKey: string; stored: string }>(
        `select ${column.key}::text as "rowKey", ${column.column} as stored from ${column.table}`,
      );
      return rows.map(({ rowKey, stored }) => ({ stored, secret: cipher.decrypt(column, rowKey, stored) }));
    }),
  );
  return values.flat();
}

const countCurrent = async (key: string) => {
  const cipher = createTestCipher(key);
  return (await readSecrets()).filter(({ stored }) => cipher.isCurrent(stored)).length;
};

it('stores no private key and no secret of a webhook in plain text', async () => {
  const { endpoint } = await issue(await start(oldKey));
  const dump = await dumpDatabase();
  expect(dump).toContain(partner.url);
  const secrets = (await readSecrets()).map(({ secret }) => secret);
  expect(secrets).toContain(endpoint.secret);
  // The keys of tickets, receipts and push messages, the two secrets of the sandbox, the key of sources, and the secret of the webhook.
  expect(secrets).toHaveLength(7);
  for (const secret of secrets) {
    // A dump writes newlines and quotes in other ways, so the longest part without them is searched.
    const [longest] = secret.split(/[^\w+/=-]/).toSorted((a, b) => b.length - a.length);
    expect(longest!.length).toBeGreaterThan(30);
    expect(dump).not.toContain(longest);
  }
});

describe('a rotation of ENCRYPTION_KEY', () => {
  it('encrypts all secrets with the new key, and tickets and webhooks stay valid', async () => {
    const issued = await issue(await start(oldKey));
    const { length: count } = await readSecrets();
    await expectSameSecrets(await restart(`${oldKey},${newKey}`), issued, 0);
    expect([await countCurrent(oldKey), await countCurrent(newKey)]).toEqual([count, 0]);
    // A node that still has the old order keeps working while another node encrypts with the new key.
    const [behind] = services;
    await expectSameSecrets(await start(`${newKey},${oldKey}`), issued, 1);
    expect([await countCurrent(oldKey), await countCurrent(newKey)]).toEqual([0, count]);
    await expectSameSecrets(behind!, issued, 2);
    await expectSameSecrets(await restart(newKey), issued, 3);
  });

  it('stops a node that lacks a key, and creates no new secrets', async () => {
    await start(`${newKey},${oldKey}`);
    await stopServices();
    const before = await dumpDatabase();
    const message = await startAndFail(oldKey);
    expect(message).toMatch(/^ENCRYPTION_KEY lacks a key of this database\. Append the missing key, as in [^\n]+$/);
    expect(message).not.toContain(oldKey);
    expect(await dumpDatabase()).toBe(before);
  });

  it('is reported in one line of the log', async () => {
    await start(`${newKey},${oldKey}`);
    await stopServices();
    const { length: count } = await readSecrets();
    const describeStart = async (encryptionKey: string) => {
      const service = ServiceProcess.start({ ...settings(encryptionKey), LOG_LEVEL: 'info' });
      await service.waitUntilReady();
      await service.end('SIGTERM');
      return service.output.split('\n').filter((line) => line.includes('secrets in the database'));
    };
    const line = `all ${count} secrets in the database are encrypted with the first key of ENCRYPTION_KEY`;
    expect(await describeStart(`${oldKey},${newKey}`)).toEqual([
      expect.stringContaining(`${line}; this start encrypted ${count} of them`),
    ]);
    expect(await describeStart(oldKey)).toEqual([]);
  });
});

it('an encrypted secret that was moved to another row stops the start', async () => {
  await start(oldKey);
  await stopServices();
  const { rowCount } = await pool.query(
    `update kept_secret a set value = b.value from kept_secret b
     where a.name = 'sandbox-api-key' and b.name = 'push-vapid-keys'`,
  );
  expect(rowCount).toBe(1);
  expect(await startAndFail(oldKey)).toMatch(
    /^The secret kept_secret\.value of the row sandbox-api-key was changed, or moved/,
  );
});

describe('an update from a release without encryption', () => {
  it('keeps secrets readable for the nodes of that release while ENCRYPTION_KEY begins with plain', async () => {
    const issued = await issue(await start(`plain,${oldKey}`));
    const secrets = await readSecrets();
    expect(secrets.map(({ stored }) => stored)).toEqual(secrets.map(({ secret }) => secret));
    const [plainNode] = services;
    const encryptingNode = await start(oldKey);
    expect(await countCurrent(oldKey)).toBe(secrets.length);
    await expectSameSecrets(encryptingNode, issued, 0);
    await expectSameSecrets(plainNode!, issued, 1);
    // An operator who goes back to the earlier release stores the secrets in plain text again.
    await expectSameSecrets(await restart(`plain,${oldKey}`), issued, 2);
    expect(await countCurrent(oldKey)).toBe(0);
  });
});
