import { beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { Admin, rowOf } from '../../support/admin.js';
import { adminKey } from '../../support/api-keys.js';
import { setUpApp } from '../../support/file-app.js';
import { allEndpoints, fillPath, setUpRawApi } from '../../support/raw-api.js';

const { call, makeCredentials } = setUpRawApi();
const app = setUpApp({ demo: true, env: { ADMIN_API_KEY: adminKey, CALLS_PER_SECOND_MAX: '100000' } });
const admin = new Admin(() => app.url);

/** Values that do not fit into a column or into a text of PostgreSQL, or that have another type. */
const forgedValues: readonly unknown[] = [
  1e308,
  -1e308,
  2 ** 31,
  2 ** 53,
  2 ** 63,
  9e15,
  -1,
  0,
  0.5,
  null,
  true,
  '',
  'NaN',
  'a\u0000b',
  '\ud800',
  '\udc00x',
  'x'.repeat(300),
  '1:1:1',
  '1:0:0,0',
  '999999999999999999:999999999:1',
  [],
  [[[[1]]]],
  { toString: 1 },
];

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The queries whose cursors contain JSON. Each finds at least two rows in the demo catalog or the audit trail. */
const lists = [
  '/v1/cities?limit=1',
  '/v1/cities/1/cinemas?limit=1',
  '/v1/cities/1/movies?limit=1',
  '/v1/movies/search?limit=1',
  '/v1/movies/search?limit=1&keyword=the',
  '/v1/movies/search?limit=1&sort=title',
  '/v1/admin/audit?limit=1',
] as const;

async function read(path: string, cursor?: string) {
  const answer = await fetch(`${app.url}${path}${cursor === undefined ? '' : `&cursor=${cursor}`}`, {
    headers: { 'x-api-key': adminKey },
  });
  const body = z.object({ nextCursor: z.string().nullish(), code: z.string().optional() }).parse(await answer.json());
  return { status: answer.status, body };
}

describe('a forged cursor', () => {
  beforeAll(async () => {
    await admin.hall(rowOf('s')); // Several entries in the audit trail.
  });

  it.each(lists)(
    'is refused or read, but never fails: %s',
    async (path) => {
      const first = await read(path);
      expect(first.status).toBe(200);
      const position: unknown[] = JSON.parse(Buffer.from(String(first.body.nextCursor), 'base64url').toString());
      expect((await read(path, String(first.body.nextCursor))).status).toBe(200);
      const failures: unknown[] = [];
      for (const index of position.keys()) {
        for (const value of forgedValues) {
          const answer = await read(path, encode(position.with(index, value)));
          const outcome = answer.body.code ?? answer.status;
          // Some forged values are possible positions. Then the page starts there.
          if (outcome !== 200 && outcome !== 'INVALID_REQUEST') failures.push([index, value, outcome]);
        }
      }
      expect(failures).toEqual([]);
    },
    60_000,
  );

  it('is refused by the audit trail if a number does not fit into its column', async () => {
    const { body } = await read('/v1/admin/audit?limit=1');
    const [scope] = JSON.parse(Buffer.from(String(body.nextCursor), 'base64url').toString());
    const positions = [
      [scope, 1e308, 1, 1],
      [scope, -1e308, 1, 1],
      [scope, 1, 9e15, 1],
      [scope, 1, 2 ** 31, 1],
      [scope, 1, 1, 2 ** 31],
    ];
    for (const position of positions) {
      const answer = await read('/v1/admin/audit?limit=1', encode(position));
      expect([position, answer.status, answer.body.code]).toEqual([position, 400, 'INVALID_REQUEST']);
    }
  });

  it.each(allEndpoints.filter(([, { method }]) => method === 'get'))(
    'fails in no other call: %s',
    async (_, endpoint) => {
      const path = `${fillPath(endpoint)}?showId=1&limit=1`;
      for (const value of ['x', '%00', '%ED%A0%80', '1e308', '9'.repeat(19), '-1', '0.5', '[[1]]', 'x'.repeat(600)]) {
        for (const name of ['cursor', 'after']) {
          const { status } = await call({ path: `${path}&${name}=${value}`, headers: makeCredentials() });
          expect([name, value, status]).not.toEqual([name, value, 500]);
        }
      }
    },
  );
});
