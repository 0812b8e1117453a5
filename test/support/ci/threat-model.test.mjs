// Checks that every test that docs/threat-model.md names exists, and that each row names a test or says that there is
// none.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findProblems, readAttacks } from './threat-model.mjs';

const root = join(import.meta.dirname, '../../..');
const read = (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null);

const attacks = readAttacks(read('docs/threat-model.md'));

it('docs/threat-model.md names only tests that exist', () => {
  assert.ok(attacks.length >= 40, 'found fewer than 40 attacks');
  assert.deepEqual(
    attacks.flatMap((attack) => findProblems(attack, read)),
    [],
  );
});

it('docs/threat-model.md says "None" as the guard or names a source file', () => {
  assert.deepEqual(
    attacks.filter(({ guard }) => !guard.includes('**None**') && !/`[\w./-]+\.\w+`/.test(guard)),
    [],
  );
});

describe('the check of the threat model', () => {
  const text = (row) => `| asset | entry point | guard | test |\n| --- | --- | --- | --- |\n${row}\n`;
  const check = (row) => readAttacks(text(row)).flatMap((attack) => findProblems(attack, () => "it('keeps it', f)"));

  it('accepts a test that exists, several tests, and None', () => {
    assert.deepEqual(check('| seats | REST | lock | `a.ts`: "keeps it"; `b.ts`: "keeps it" |'), []);
    assert.deepEqual(check('| seats | REST | **None** | None |'), []);
  });

  it('reports a test that does not exist', () => {
    assert.deepEqual(check('| seats | REST | lock | `a.ts`: "keeps" |'), ['seats, REST: a.ts has no test "keeps"']);
    const [attack] = readAttacks(text('| seats | REST | lock | `a.ts`: "keeps it" |'));
    assert.deepEqual(
      findProblems(attack, () => null),
      ['seats, REST: there is no a.ts'],
    );
  });

  it('reports a row without a test, without a guard, or with a test that it cannot read', () => {
    assert.match(check('| seats | REST | lock | |')[0], /the test must be None/);
    assert.match(check('| seats | REST | | None |')[0], /the guard is missing/);
    assert.match(check('| seats | REST | lock | `a.ts`: "keeps it"; b.ts: "keeps it" |')[0], /cannot read/);
    assert.match(check('| seats | REST | lock | None | more |')[0], /four cells/);
  });
});
