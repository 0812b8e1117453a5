import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DatabaseSecrets } from '../../src/database/database-secrets.js';
import { createTestDatabase, type TestDatabase, testPool } from '../support/database.js';
import { createTestCipher } from '../support/encryption.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ demo: false });
});

afterAll(async () => {
  await database.drop();
});

it('gives the same secret to all nodes that start at the same time', async () => {
  const nodes = Array.from({ length: 8 }, () => testPool(database.url, 1));
  // The worst case of the race: each node has generated its own secret before any node stores one.
  const allGenerated = Promise.withResolvers<void>();
  let generatedCount = 0;
  const answers = await Promise.all(
    nodes.map((pool, node) =>
      new DatabaseSecrets(pool, createTestCipher()).get('raced', async () => {
        generatedCount += 1;
        if (generatedCount === nodes.length) allGenerated.resolve();
        await allGenerated.promise;
        return `made by node ${node}`;
      }),
    ),
  );
  expect(generatedCount).toBe(8);
  expect(new Set(answers).size).toBe(1);
  expect(answers[0]).toMatch(/^made by node [0-7]$/);
  await Promise.all(nodes.map((pool) => pool.end()));
});

it('generates one secret per name', async () => {
  const pool = testPool(database.url, 1);
  const secrets = new DatabaseSecrets(pool, createTestCipher());
  expect(await secrets.get('first', () => 'one')).toBe('one');
  const failToGenerate = (): string => {
    throw new Error('the secret is already stored');
  };
  expect(await new DatabaseSecrets(pool, createTestCipher()).get('first', failToGenerate)).toBe('one');
  expect(await secrets.get('second', () => 'two')).toBe('two');
  await pool.end();
});

it('stores nothing if the generation of a secret fails', async () => {
  const pool = testPool(database.url, 1);
  const secrets = new DatabaseSecrets(pool, createTestCipher());
  await expect(secrets.get('third', () => Promise.reject(new Error('no entropy')))).rejects.toThrow('no entropy');
  expect(await secrets.get('third', () => 'three')).toBe('three');
  await pool.end();
});
