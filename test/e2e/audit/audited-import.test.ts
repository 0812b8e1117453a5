import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { adminKey } from '../../support/api-keys.js';
import { AuditReader } from '../../support/audit.js';
import { setUpApp } from '../../support/file-app.js';
import { Importer } from '../../support/import.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
const audit = new AuditReader(() => app.url);
let importer: Importer;

beforeAll(async () => {
  importer = await Importer.make({ DATABASE_URL: app.databaseUrl });
});
afterAll(() => importer.remove());

const cities = (name: string): Record<string, string> => ({
  'cities.csv': `ref,name,country,timeZone,lat,lon\nber,${name},DE,Europe/Berlin,52.5,13.4\n`,
});

it('an import leaves one entry with its counts, and none if it stores or changes nothing', async () => {
  expect(await importer.run(cities('Berlin'))).toMatchObject({ code: 0 });
  const entries = await audit.list();
  expect(entries).toMatchObject([
    {
      action: 'catalog.import',
      actor: { kind: 'system', name: 'import' },
      address: null,
      after: { city: { made: 1, changed: 0 }, show: { made: 0, changed: 0 } },
    },
  ]);
  await importer.run(cities('Berlin'));
  await importer.run(cities('Potsdam'), '--dry-run');
  expect(await audit.list()).toEqual(entries);
});
