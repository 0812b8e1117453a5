import { createServer } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Service } from '../../../src/service.js';
import { createTestDatabase, type TestDatabase, testEnvironment } from '../../support/database.js';
import { startTestService } from '../../support/service-host/start-test-service.js';

let database: TestDatabase;
let service: Service;

beforeAll(async () => {
  database = await createTestDatabase({ demo: false });
  service = await startTestService(testEnvironment(database.url, { OPERATIONS_PORT: '0' }));
});

afterAll(async () => {
  await service?.close();
  await database?.drop();
});

describe('a node with an operations port', () => {
  it.each(['/health/live', '/health/ready', '/metrics'])('serves %s only on that port', async (path) => {
    expect((await fetch(service.operationsUrl + path)).status).toBe(200);
    const answer = await fetch(service.url + path);
    expect([answer.status, await answer.json()]).toEqual([404, expect.objectContaining({ code: 'NOT_FOUND' })]);
  });

  it.each(['/', '/v1/cities', '/docs', '/openapi.json', '/socket.io/?EIO=4&transport=polling'])(
    'serves %s only on the main port',
    async (path) => {
      expect((await fetch(service.url + path)).status).toBe(200);
      const answer = await fetch(service.operationsUrl + path);
      expect([answer.status, await answer.json()]).toEqual([404, expect.objectContaining({ code: 'NOT_FOUND' })]);
    },
  );

  it('does not start if another program uses that port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : null;
    const env = testEnvironment(database.url, { OPERATIONS_PORT: String(port) });
    await expect(startTestService(env)).rejects.toThrow(
      `OPERATIONS_PORT: another program uses port ${port} on 127.0.0.1. Stop that program, or set OPERATIONS_PORT to another port (0 for any free one).`,
    );
    other.close();
  });

  it('closes that port when it stops', async () => {
    const node = await startTestService(testEnvironment(database.url, { OPERATIONS_PORT: '0' }));
    await node.close();
    await expect(fetch(`${node.operationsUrl}/health/live`)).rejects.toThrow('fetch failed');
  });
});
