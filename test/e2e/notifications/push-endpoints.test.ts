import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startApp, type TestApp } from '../../support/app.js';
import { createTestDatabase, testEnvironment } from '../../support/database.js';
import { TestOutbox } from '../../support/outbox.js';
import { makeDataFolder, ServiceProcess } from '../../support/service-process.js';
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

describe('a push subscription from a browser', () => {
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

  const createSubscription = () => pushService.browser().subscription;

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
  ])('is rejected with the endpoint %s', async (endpoint) => {
    const { status, body } = await caller.call('POST', subscriptions, { ...createSubscription(), endpoint });
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(await outbox.countRows()).toMatchObject({ subscriptions: 0 });
  });

  it('is rejected with an endpoint of more than 2048 characters', async () => {
    const endpoint = `https://push.example/${'x'.repeat(2048)}`;
    const { status, body } = await caller.call('POST', subscriptions, { ...createSubscription(), endpoint });
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
  });

  const keys = new TestBrowser('https://push.example/x').subscription.keys;

  it.each([
    ['no keys', undefined],
    ['a key that is not a point of the curve', { ...keys, p256dh: Buffer.alloc(65, 4).toString('base64url') }],
    ['a key that is too short', { ...keys, p256dh: 'BAAA' }],
    ['a secret that is too short', { ...keys, auth: 'AAAA' }],
    ['a number for a secret', { ...keys, auth: 12 }],
    ['keys that are a list', [1, 2]],
  ])('is rejected with %s', async (_, invalidKeys) => {
    const { status, body } = await caller.call('POST', subscriptions, { ...createSubscription(), keys: invalidKeys });
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(await outbox.countRows()).toMatchObject({ subscriptions: 0 });
  });

  it.each(['', '[]', '"x"', '{', 'null'])('is rejected with the body %s', async (body) => {
    for (const method of ['POST', 'DELETE']) {
      expect((await caller.call(method, subscriptions, body)).body.code).toBe('INVALID_REQUEST');
    }
  });

  it('is rejected without a session', async () => {
    for (const method of ['POST', 'DELETE']) {
      const { status, body } = await caller.call(method, subscriptions, createSubscription(), {
        authorization: 'Bearer forged',
      });
      expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED']);
    }
    expect(await outbox.countRows()).toMatchObject({ subscriptions: 0 });
  });

  it('never makes the service connect to its own machine, even through a host name', async () => {
    const browser = pushService.browser();
    expect(new URL(browser.endpoint).hostname).toBe('localhost');
    expect((await caller.call('POST', subscriptions, browser.subscription)).status).toBe(201);
    await outbox.add({ sessionId: caller.session.sessionId });
    await outbox.waitForMessageCount(0);
    expect(pushService.connectionCount).toBe(0);
  });
});

it('the log contains no endpoints and no keys of push subscriptions', async () => {
  const database = await createTestDatabase({ demo: false });
  const folder = await makeDataFolder();
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
  const url = await running.waitUntilReady();
  const outbox = await TestOutbox.open(database.url);
  try {
    const caller = await RestCaller.begin(url);
    const [accepted, refused, failing] = [pushService.browser(), pushService.browser(), pushService.browser()];
    refused.answers = [{ status: 403 }];
    failing.answers = [{ status: 503 }];
    // The last endpoint refuses the connection, and the error of Node.js would name its host.
    const unreachable = { ...accepted.subscription, endpoint: 'https://localhost:9/push/secret-name' };
    const subscriptionsUnderTest = [accepted.subscription, refused.subscription, failing.subscription, unreachable];
    for (const subscription of subscriptionsUnderTest) await caller.call('POST', subscriptions, subscription);
    await outbox.add({ sessionId: caller.session.sessionId, attempts: 5 });
    await outbox.waitForMessageCount(0);
    expect(await running.end('SIGTERM')).toBe(0);

    expect(log).toContain('"reason":"403"');
    expect(log).toContain('"reason":"503"');
    expect(log).toContain('"reason":"ECONNREFUSED"');
    for (const { endpoint, keys } of subscriptionsUnderTest) {
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
