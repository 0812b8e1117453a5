import { expect, it } from '@jest/globals';
import pg from 'pg';
import { CatalogWriter } from '../../support/catalog.js';
import { testEnvironment } from '../../support/database.js';
import { startTestService } from '../../support/service-host/start-test-service.js';

it('the search needs only the rights of the owner of an empty database', async () => {
  const admin = new pg.Client({ connectionString: process.env.TEST_POSTGRES_URL });
  await admin.connect();
  const name = `plain_${process.pid}_${Date.now()}`;
  try {
    await admin.query(`create role ${name} login password 'plain' nosuperuser nocreatedb nocreaterole`);
    await admin.query(`create database ${name} owner ${name}`);
    const url = new URL(process.env.TEST_POSTGRES_URL ?? '');
    Object.assign(url, { pathname: `/${name}`, username: name, password: 'plain' });
    const service = await startTestService(testEnvironment(url.href));
    const client = new pg.Client({ connectionString: url.href });
    try {
      await client.connect();
      const catalog = new CatalogWriter(client);
      const hall = await catalog.hall(await catalog.cinema(await catalog.city('Köln')));
      await catalog.show(await catalog.movie({ title: 'The Godfather' }), hall);
      const answer = await fetch(`${service.url}/v1/movies/search?keyword=godfahter&city=koln`);
      expect(await answer.json()).toMatchObject({ items: [{ shows: 1 }], didYouMean: 'godfather' });
    } finally {
      await client.end();
      await service.close();
    }
  } finally {
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.query(`drop role if exists ${name}`);
    await admin.end();
  }
});
