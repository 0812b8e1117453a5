// An example in a document that runs no test teaches nothing, and Jest does not complain about it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';

const root = join(import.meta.dirname, '../../..');

/** The `npm test -- …` commands of a document, each as its arguments. */
const testCommands = (file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^npm test -- ([^#\n]+)/gm)].map(([, written]) =>
    [...written.matchAll(/'([^']+)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain),
  );

/** Paths of the test files that Jest would run. */
function filesOf(args) {
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const { stdout } = spawnSync(process.execPath, ['--experimental-vm-modules', jest, ...args, '--listTests'], {
    cwd: root,
  });
  return String(stdout)
    .split('\n')
    .filter((line) => line.startsWith(root));
}

for (const file of ['README.md', 'CONTRIBUTING.md']) {
  for (const args of testCommands(file)) {
    it(`${file}: npm test -- ${args.join(' ')} runs at least one test`, () => {
      const files = filesOf(args);
      assert.notEqual(files.length, 0, 'no test file matches');
      const named = args.indexOf('-t');
      if (named < 0) return;
      const name = args[named + 1];
      const hasName = (path) => readFileSync(path, 'utf8').includes(name);
      assert.ok(files.some(hasName), `no test is called ${name}`);
    });
  }
}

it('finds the examples of CONTRIBUTING.md', () => {
  assert.ok(testCommands('CONTRIBUTING.md').length >= 2);
});
