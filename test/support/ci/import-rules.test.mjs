// The import rules bite: every rule of .dependency-cruiser.cjs is broken once in a copy of the workspace's shape, and
// must be the one that says so; the allowed directions must pass.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, it } from 'node:test';

const root = resolve(import.meta.dirname, '../../..');
let workspace;

/** A small, lawful workspace: path → what the file imports. */
const lawful = {
  'src/main.ts': ['./app.module.js'],
  'src/app.module.ts': ['./reservations/reservations.module.js', './shows/show-lane.js'],
  'src/reservations/reservations.module.ts': ['../queue/queue.module.js', '../shows/show-lane.js', '@usher/contract'],
  'src/queue/queue.module.ts': ['./line.js', '../catalog/hall.js', '../common/clock.js'],
  'src/queue/line.ts': [],
  'src/shows/show-lane.ts': ['./core/decide.js', '../catalog/hall.js', '../realtime/rooms.js'],
  'src/shows/core/decide.ts': ['./state.js', '@usher/contract'],
  'src/shows/core/state.ts': ['node:crypto'],
  'src/shows/core/decide.spec.ts': ['./decide.js', 'node:assert', 'a-dev-tool'],
  'src/catalog/hall.ts': ['../database/pool.js', 'a-package'],
  'src/realtime/rooms.ts': ['../config/config.js'],
  'src/database/pool.ts': ['../config/config.js', 'node:net'],
  'src/config/config.ts': ['../common/clock.js'],
  'src/common/clock.ts': ['@usher/contract'],
  'libs/contract/src/index.ts': ['a-package'],
  'libs/client/src/index.ts': ['@usher/contract'],
  'libs/web/src/app.ts': ['@usher/client', '@usher/contract', 'a-dev-tool'],
  'test/e2e/show.test.ts': ['../../src/shows/show-lane.js', '@usher/client'],
};

/** Each breaks one rule: [the rule, the file that breaks it, what it imports]. */
const unlawful = [
  ['no-leftward-import-from-features', 'src/reservations/x.ts', '../app.module.js'],
  ['no-leftward-import-from-shows-catalog', 'src/shows/x.ts', '../queue/queue.module.js'],
  ['no-leftward-import-from-realtime', 'src/realtime/x.ts', '../catalog/hall.js'],
  ['no-leftward-import-from-database', 'src/database/x.ts', '../realtime/rooms.js'],
  ['no-leftward-import-from-config', 'src/config/x.ts', '../database/pool.js'],
  ['no-leftward-import-from-common', 'src/common/x.ts', '../config/config.js'],
  ['no-cycle', 'src/queue/cycle-back.ts', './cycle.js'],
  ['no-import-of-main', 'test/e2e/x.ts', '../../src/main.js'],
  ['known-folder', 'src/helpers/x.ts', '../common/clock.js'],
  ['catalog-knows-no-shows', 'src/catalog/x.ts', '../shows/show-lane.js'],
  ['features-by-their-exports', 'src/tickets/x.ts', '../queue/line.js'],
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
  ['product-declares-what-it-needs', 'src/operations/dev.ts', 'a-dev-tool'],
  ['product-declares-what-it-needs', 'src/operations/undeclared.ts', 'an-undeclared-package'],
  ['resolves', 'src/operations/lost.ts', './nowhere.js'],
];

const source = (imports) => imports.map((name) => `import '${name}';\n`).join('') + 'export {};\n';

async function write(path, content) {
  await mkdir(dirname(join(workspace, path)), { recursive: true });
  await writeFile(join(workspace, path), typeof content === 'string' ? content : JSON.stringify(content));
}

/** Runs the real configuration over the workspace. Answers `rule file` for each violation. */
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

it('lets every lawful import pass', async () => {
  assert.deepEqual(await violations(), []);
});

it('names the rule that each unlawful import breaks', async () => {
  for (const [, path, name] of unlawful) await write(path, source([name]));
  await write('src/queue/cycle.ts', source(['./cycle-back.js']));
  const expected = unlawful.map(([rule, path]) => `${rule} ${path}`);
  const found = await violations();
  assert.deepEqual(
    expected.filter((violation) => !found.includes(violation)),
    [],
  );
});

it('breaks every rule there is, so that none is left untried', async () => {
  const { default: config } = await import(join(root, '.dependency-cruiser.cjs'));
  const tried = new Set(unlawful.map(([rule]) => rule));
  assert.deepEqual(
    config.forbidden.map(({ name }) => name).filter((name) => !tried.has(name)),
    [],
  );
});
