// Checks that every documented test command runs at least one test. Jest itself does not report a pattern that matches
// no test.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';

const root = join(import.meta.dirname, '../../..');

/** Reads the `npm test -- …` commands of a document. @returns the arguments of each command */
const readTestCommands = (file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^npm test -- ([^#\n]+)/gm)].map(([, written]) =>
    [...written.matchAll(/'([^']+)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain),
  );

/** Returns the paths of the test files that Jest would run. */
function listTestFiles(args) {
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const { stdout } = spawnSync(process.execPath, ['--experimental-vm-modules', jest, ...args, '--listTests'], {
    cwd: root,
  });
  return String(stdout)
    .split('\n')
    .filter((line) => line.startsWith(root));
}

for (const file of ['README.md', 'CONTRIBUTING.md', 'docs/benchmarks.md']) {
  for (const args of readTestCommands(file)) {
    it(`${file}: npm test -- ${args.join(' ')} runs at least one test`, () => {
      const files = listTestFiles(args);
      assert.notEqual(files.length, 0, 'no test file matches');
      const nameOption = args.indexOf('-t');
      if (nameOption < 0) return;
      const name = args[nameOption + 1];
      const hasName = (path) => readFileSync(path, 'utf8').includes(name);
      assert.ok(files.some(hasName), `no test has the name ${name}`);
    });
  }
}

it('finds the examples of CONTRIBUTING.md', () => {
  assert.ok(readTestCommands('CONTRIBUTING.md').length >= 2);
});
