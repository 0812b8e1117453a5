import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { KeptSecrets } from '../../src/database/kept-secrets.js';
import { createTestDatabase, type TestDatabase, testPool } from '../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ demo: false });
});

afterAll(async () => {
  await database.drop();
});

it('gives all nodes that start at once the same secret', async () => {
  const nodes = Array.from({ length: 8 }, () => testPool(database.url, 1));
  // Each has made its own before any keeps one: the race as it is at its worst.
  const everyone = Promise.withResolvers<void>();
  let making = 0;
  const answers = await Promise.all(
    nodes.map((pool, node) =>
      new KeptSecrets(pool).get('raced', async () => {
        making += 1;
        if (making === nodes.length) everyone.resolve();
        await everyone.promise;
        return `made by node ${node}`;
      }),
    ),
  );
  expect(making).toBe(8);
  expect(new Set(answers).size).toBe(1);
  expect(answers[0]).toMatch(/^made by node [0-7]$/);
  await Promise.all(nodes.map((pool) => pool.end()));
});

it('makes a secret once, and another one under another name', async () => {
  const pool = testPool(database.url, 1);
  const secrets = new KeptSecrets(pool);
  expect(await secrets.get('first', () => 'one')).toBe('one');
  const never = (): string => {
    throw new Error('it is kept already');
  };
  expect(await new KeptSecrets(pool).get('first', never)).toBe('one');
  expect(await secrets.get('second', () => 'two')).toBe('two');
  await pool.end();
});

it('keeps nothing when a secret could not be made', async () => {
  const pool = testPool(database.url, 1);
  const secrets = new KeptSecrets(pool);
  await expect(secrets.get('third', () => Promise.reject(new Error('no entropy')))).rejects.toThrow('no entropy');
  expect(await secrets.get('third', () => 'three')).toBe('three');
  await pool.end();
});
