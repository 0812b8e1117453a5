// Checks that the committed charts of docs/benchmarks.md show the figures of its tables.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { readFigure, readTable } from '../../../docs/tables.mjs';

const root = join(import.meta.dirname, '../../..');

it('the charts show the figures of the tables', () => {
  const { status, stderr } = spawnSync(process.execPath, ['docs/charts.mjs', '--check'], { cwd: root });
  assert.equal(status, 0, String(stderr));
});

it('the page shows every chart', () => {
  const page = readFileSync(join(root, 'docs/benchmarks.md'), 'utf8');
  const shown = [...page.matchAll(/\]\(public\/benchmarks\/([\w-]+\.svg)\)/g)].map(([, name]) => name);
  assert.deepEqual(new Set(shown), new Set(readdirSync(join(root, 'docs/public/benchmarks'))));
});

const page = `## A
text
| callers | rate  |
| ------- | ----- |
| 1       | 1,017 |
| 64      |       |

## B
no table
`;

it('reads a figure from a table', () => {
  assert.equal(readFigure(page, 'A', { callers: '1' }, 'rate'), 1017);
});

it('refuses an unknown heading, row and column, and a heading without a table', () => {
  assert.throws(() => readFigure(page, 'C', { callers: '1' }, 'rate'), /no heading "C"/);
  assert.throws(() => readFigure(page, 'A', { callers: '2' }, 'rate'), /0 rows/);
  assert.throws(() => readFigure(page, 'A', { callers: '64' }, 'rate'), /no figure/);
  assert.throws(() => readFigure(page, 'A', { callers: '1' }, 'speed'), /no figure/);
  assert.throws(() => readTable(page, 'B'), /"B" has no table/);
});
