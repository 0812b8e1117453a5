import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startApp, type TestApp } from '../../support/app.js';
import { createTestDatabase, testEnvironment } from '../../support/database.js';
import { TestOutbox } from '../../support/outbox.js';
import { dataFolder, ServiceProcess } from '../../support/process.js';
import { TestBrowser, TestPushService } from '../../support/push-service.js';
import { RestCaller } from '../../support/rest.js';

const subscriptions = '/v1/push/subscriptions';

let pushService: TestPushService;

beforeAll(async () => {
  pushService = await TestPushService.start();
});

afterAll(async () => {
  await pushService.close();
});

describe('what strangers may make the service call', () => {
  let app: TestApp;
  let outbox: TestOutbox;
  let caller: RestCaller;

  beforeAll(async () => {
    app = await startApp({ demo: false });
    outbox = await TestOutbox.open(app.databaseUrl);
    caller = await RestCaller.begin(app.url);
  });

  afterAll(async () => {
    await outbox.close();
    await app.close();
  });

  const good = () => pushService.browser().subscription;

  it.each([
    'https://127.0.0.1/push',
    'https://0x7f.1:8443/push',
    'https://[::1]/push',
    'https://[::ffff:10.0.0.1]/push',
    'https://169.254.169.254/latest/meta-data',
    'https://user:password@push.example/x',
    'http://push.example/x',
    'ftp://push.example/x',
    'push.example',
    7,
    null,
  ])('is not %s', async (endpoint) => {
    const { status, body } = await caller.call('POST', subscriptions, { ...good(), endpoint });
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(await outbox.counts()).toMatchObject({ subscriptions: 0 });
  });

  it('is no address of more than 2048 characters', async () => {
    const endpoint = `https://push.example/${'x'.repeat(2048)}`;
    const { status, body } = await caller.call('POST', subscriptions, { ...good(), endpoint });
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
  });

  const keys = new TestBrowser('https://push.example/x').subscription.keys;

  it.each([
    ['no keys', undefined],
    ['a key that is no point of the curve', { ...keys, p256dh: Buffer.alloc(65, 4).toString('base64url') }],
    ['a key that is too short', { ...keys, p256dh: 'BAAA' }],
    ['a secret that is too short', { ...keys, auth: 'AAAA' }],
    ['a number for a secret', { ...keys, auth: 12 }],
    ['keys that are a list', [1, 2]],
  ])('is refused with %s', async (_, wrong) => {
    const { status, body } = await caller.call('POST', subscriptions, { ...good(), keys: wrong });
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(await outbox.counts()).toMatchObject({ subscriptions: 0 });
  });

  it.each(['', '[]', '"x"', '{', 'null'])('is refused with the body %s', async (body) => {
    for (const method of ['POST', 'DELETE']) {
      expect((await caller.call(method, subscriptions, body)).body.code).toBe('INVALID_REQUEST');
    }
  });

  it('is nothing for who has no session', async () => {
    for (const method of ['POST', 'DELETE']) {
      const { status, body } = await caller.call(method, subscriptions, good(), { authorization: 'Bearer forged' });
      expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED']);
    }
    expect(await outbox.counts()).toMatchObject({ subscriptions: 0 });
  });

  it('is not this machine by a name either, whatever the name said when it came', async () => {
    const browser = pushService.browser();
    expect(new URL(browser.endpoint).hostname).toBe('localhost');
    expect((await caller.call('POST', subscriptions, browser.subscription)).status).toBe(201);
    await outbox.add({ sessionId: caller.session.sessionId });
    await outbox.until(0);
    expect(pushService.connections).toBe(0);
  });
});

it('says nothing of endpoints and keys in its log', async () => {
  const database = await createTestDatabase({ demo: false });
  const folder = await dataFolder();
  const certificate = join(folder.path, 'certificate.pem');
  await writeFile(certificate, pushService.certificate);
  const running = ServiceProcess.start(
    testEnvironment(database.url, {
      NODE_EXTRA_CA_CERTS: certificate,
      PUSH_PRIVATE_HOSTS: 'true',
      LOG_LEVEL: 'trace',
    }),
  );
  let log = '';
  running.child.stdout!.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const url = await running.ready();
  const outbox = await TestOutbox.open(database.url);
  try {
    const caller = await RestCaller.begin(url);
    const [taken, refused, failing] = [pushService.browser(), pushService.browser(), pushService.browser()];
    refused.answers = [{ status: 403 }];
    failing.answers = [{ status: 503 }];
    // A connection that is refused, too: what Node says of it names the host.
    const away = { ...taken.subscription, endpoint: 'https://localhost:9/push/secret-name' };
    const all = [taken.subscription, refused.subscription, failing.subscription, away];
    for (const subscription of all) await caller.call('POST', subscriptions, subscription);
    await outbox.add({ sessionId: caller.session.sessionId, attempts: 5 });
    await outbox.until(0);
    expect(await running.end('SIGTERM')).toBe(0);

    expect(log).toContain('"reason":"403"');
    expect(log).toContain('"reason":"503"');
    expect(log).toContain('"reason":"ECONNREFUSED"');
    for (const { endpoint, keys } of all) {
      const secrets = [endpoint, new URL(endpoint).pathname, keys.p256dh, keys.auth];
      expect(secrets.filter((secret) => (log + running.errors).includes(secret))).toEqual([]);
    }
  } finally {
    await running.end('SIGKILL');
    await outbox.close();
    await folder.remove();
    await database.drop();
  }
});
