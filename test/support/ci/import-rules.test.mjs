// Proves that the import rules work. Each rule of .dependency-cruiser.cjs is violated at least once in a small
// workspace, and the check must report that rule. Imports in the allowed directions must pass.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, it } from 'node:test';
import { folderCycles } from './folder-cycles.mjs';

const root = resolve(import.meta.dirname, '../../..');
let workspace;

/** A small workspace that obeys all rules: each file with its imports. */
const lawful = {
  'src/main.ts': ['./app.module.js'],
  'src/app.module.ts': ['./reservations/reservations.module.js', './shows/index.js'],
  'src/cli/migrate.ts': ['../app.module.js', '../database/pool.js', './migrate/options.js'],
  'src/cli/migrate/options.ts': ['../../config/config.js'],
  'src/reservations/reservations.module.ts': ['../lines/index.js', '../shows/index.js', '@usher/contract'],
  'src/lines/index.ts': ['./line.js', '../catalog/index.js', '../access/index.js', '../common/clock.js'],
  'src/lines/line.ts': [],
  'src/shows/index.ts': ['./lane/show-lane.js'],
  'src/shows/lane/show-lane.ts': ['../core/decide.js', '../../catalog/index.js', '../../realtime/index.js'],
  'src/shows/core/decide.ts': ['./state.js', '@usher/contract'],
  'src/shows/core/state.ts': ['node:crypto'],
  'src/shows/core/decide.spec.ts': [
    './decide.js',
    './state.fixture.js',
    '../../../test/simulation/fixtures/show.js',
    '../../../test/support/plain/random.js',
    'node:assert',
    'a-dev-tool',
  ],
  'src/shows/core/state.fixture.ts': ['./state.js'],
  'src/catalog/index.ts': ['./hall.js'],
  'src/catalog/hall.ts': ['../database/pool.js', 'a-package'],
  'src/access/index.ts': ['./sessions.js'],
  'src/access/sessions.ts': ['../realtime/index.js'],
  'src/realtime/index.ts': ['./rooms.js'],
  'src/realtime/rooms.ts': ['../transport/filter.js'],
  'src/transport/filter.ts': ['../database/pool.js'],
  'src/database/pool.ts': ['../config/config.js', 'node:net'],
  'src/config/config.ts': ['../common/clock.js'],
  'src/common/clock.ts': ['@usher/contract'],
  'libs/contract/src/index.ts': ['a-package'],
  'libs/contract/src/index.spec.ts': ['./index.js', '../../../test/support/plain/random.js'],
  'libs/client/src/index.ts': ['@usher/contract'],
  'libs/web/src/app.ts': ['@usher/client', '@usher/contract', 'a-package'],
  'test/simulation/fixtures/show.ts': [
    '../reference/show.js',
    '../../../src/shows/core/state.fixture.js',
    'node:crypto',
  ],
  'test/support/plain/random.ts': [],
  'test/simulation/reference/show.ts': ['@usher/contract'],
  'test/simulation/simulation.ts': ['./fixtures/show.js'],
  'test/support/app.ts': ['../../src/app.module.js'],
  'test/e2e/show.test.ts': ['../../src/shows/lane/show-lane.js', '@usher/client'],
};

/** Each entry violates one rule: [the rule, the file that violates it, the file's import]. */
const unlawful = [
  ['no-leftward-import-from-features', 'src/reservations/x.ts', '../app.module.js'],
  ['no-leftward-import-from-shows-catalog', 'src/shows/x.ts', '../lines/index.js'],
  ['no-leftward-import-from-access', 'src/access/x.ts', '../catalog/index.js'],
  ['no-leftward-import-from-realtime', 'src/realtime/x.ts', '../access/index.js'],
  ['no-leftward-import-from-transport', 'src/transport/x.ts', '../realtime/index.js'],
  ['no-leftward-import-from-database', 'src/database/x.ts', '../realtime/index.js'],
  ['no-leftward-import-from-config', 'src/config/x.ts', '../database/pool.js'],
  ['no-leftward-import-from-common', 'src/common/x.ts', '../config/config.js'],
  ['shows-by-index', 'src/tickets/lane.ts', '../shows/lane/show-lane.js'],
  ['catalog-by-index', 'src/tickets/hall.ts', '../catalog/hall.js'],
  ['access-by-index', 'src/tickets/sessions.ts', '../access/sessions.js'],
  ['realtime-by-index', 'src/tickets/rooms.ts', '../realtime/rooms.js'],
  ['no-cycle', 'src/lines/cycle-back.ts', './cycle.js'],
  ['no-import-of-main', 'test/e2e/x.ts', '../../src/main.js'],
  ['no-import-of-cli', 'src/import/command.ts', '../cli/migrate.js'],
  ['known-folder', 'src/helpers/x.ts', '../common/clock.js'],
  ['catalog-knows-no-shows', 'src/catalog/x.ts', '../shows/index.js'],
  ['features-by-index', 'src/tickets/x.ts', '../lines/line.js'],
  ['core-is-pure', 'src/shows/core/node.ts', 'node:fs'],
  ['core-is-pure', 'src/shows/core/nest.ts', 'a-package'],
  ['core-is-pure', 'src/shows/core/lane.ts', '../../common/clock.js'],
  ['src-knows-no-client', 'src/operations/client.ts', '@usher/client'],
  ['contract-stands-alone', 'libs/contract/src/x.ts', '../../../src/common/clock.js'],
  ['client-knows-the-contract-only', 'libs/client/src/x.ts', '../../../src/common/clock.js'],
  ['web-knows-client-and-contract-only', 'libs/web/src/x.ts', '../../../src/common/clock.js'],
  ['no-node-in-the-browser', 'libs/client/src/node.ts', 'node:fs'],
  ['product-knows-no-test', 'src/operations/x.ts', '../../test/e2e/show.test.js'],
  ['product-knows-no-test', 'src/operations/spec.ts', '../shows/core/decide.spec.js'],
  ['product-knows-no-test', 'src/operations/fixture.ts', '../shows/core/state.fixture.js'],
  ['specs-import-plain-helpers', 'src/operations/x.spec.ts', '../../test/e2e/show.test.js'],
  ['specs-import-plain-helpers', 'libs/client/src/x.spec.ts', '../../../test/support/app.js'],
  ['specs-import-plain-helpers', 'src/shows/core/x.fixture.ts', '../../../test/simulation/simulation.js'],
  ['plain-helpers-are-pure', 'test/simulation/fixtures/nest.ts', 'a-package'],
  ['plain-helpers-are-pure', 'test/simulation/fixtures/lane.ts', '../../../src/shows/lane/show-lane.js'],
  ['plain-helpers-are-pure', 'test/support/plain/server.ts', '../app.js'],
  ['plain-helpers-are-pure', 'test/simulation/reference/server.ts', '../../support/app.js'],
  ['product-declares-what-it-needs', 'src/operations/dev.ts', 'a-dev-tool'],
  ['product-declares-what-it-needs', 'src/operations/undeclared.ts', 'an-undeclared-package'],
  ['product-declares-what-it-needs', 'libs/web/src/dev.ts', 'a-dev-tool'],
  ['resolves', 'src/operations/lost.ts', './nowhere.js'],
];

const source = (imports) => imports.map((name) => `import '${name}';\n`).join('') + 'export {};\n';

async function write(path, content) {
  await mkdir(dirname(join(workspace, path)), { recursive: true });
  await writeFile(join(workspace, path), typeof content === 'string' ? content : JSON.stringify(content));
}

/** Checks the workspace with the project's own rules. @returns `rule file` for each violation */
function violations() {
  const cruiser = join(root, 'node_modules/.bin/depcruise');
  const args = [cruiser, 'src', 'libs', 'test', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  return new Promise((done, fail) => {
    execFile(process.execPath, args, { cwd: workspace, maxBuffer: 1e8 }, (_exit, stdout, stderr) => {
      if (stdout === '') return fail(new Error(stderr));
      const found = JSON.parse(stdout).summary.violations.map(({ rule, from }) => `${rule.name} ${from}`);
      done([...new Set(found)]);
    });
  });
}

before(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'usher-import-rules-'));
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json']) await cp(join(root, file), join(workspace, file));
  await write('package.json', {
    name: 'fixture',
    type: 'module',
    workspaces: ['libs/contract', 'libs/client', 'libs/web'],
    dependencies: { '@usher/contract': '1.0.0', 'a-package': '1.0.0' },
    devDependencies: { '@usher/client': '1.0.0', 'a-dev-tool': '1.0.0' },
  });
  await mkdir(join(workspace, 'node_modules/@usher'), { recursive: true });
  for (const name of ['contract', 'client', 'web']) {
    await cp(join(root, `libs/${name}/package.json`), join(workspace, `libs/${name}/package.json`), {
      recursive: true,
    });
    await symlink(`../../libs/${name}`, join(workspace, 'node_modules/@usher', name));
  }
  for (const name of ['a-package', 'a-dev-tool', 'an-undeclared-package']) {
    await write(`node_modules/${name}/package.json`, { name, version: '1.0.0', type: 'module', main: 'index.js' });
    await write(`node_modules/${name}/index.js`, 'export {};\n');
  }
  for (const [path, imports] of Object.entries(lawful)) await write(path, source(imports));
});

after(() => rm(workspace, { recursive: true, force: true }));

it('accepts every allowed import', async () => {
  assert.deepEqual(await violations(), []);
});

it('finds an import cycle between folders even if no files form a cycle', async () => {
  assert.deepEqual(folderCycles(workspace), []);
  await write('src/shows/lane/planted.ts', source([]));
  await write('src/shows/core/planted.ts', source(['../lane/planted.js']));
  assert.deepEqual(folderCycles(workspace), [['src/shows/core', 'src/shows/lane']]);
  for (const folder of ['core', 'lane']) await rm(join(workspace, `src/shows/${folder}/planted.ts`));
});

it('reports the rule that each forbidden import violates', async () => {
  for (const [, path, name] of unlawful) await write(path, source([name]));
  await write('src/lines/cycle.ts', source(['./cycle-back.js']));
  const expected = unlawful.map(([rule, path]) => `${rule} ${path}`);
  const found = await violations();
  assert.deepEqual(
    expected.filter((violation) => !found.includes(violation)),
    [],
  );
});

it('tries every rule of the configuration', async () => {
  const { default: config } = await import(join(root, '.dependency-cruiser.cjs'));
  const tried = new Set(unlawful.map(([rule]) => rule));
  assert.deepEqual(
    config.forbidden.map(({ name }) => name).filter((name) => !tried.has(name)),
    [],
  );
});
