// Checks that docs/operations/settings.md has exactly the settings of src/config, with their defaults.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/operations/settings.md'), 'utf8');
const source = readFileSync(join(root, 'src/config/environment.ts'), 'utf8');

/**
 * Reads the settings from the source of the schema.
 *
 * @returns the default of each setting as text, by name; null if the schema has no literal default
 */
function readSchema() {
  const [, schema] = /^export const Environment = z\.object\(\{\n(.*?)^\}\);/ms.exec(source) ?? [];
  assert.ok(schema, 'src/config/environment.ts has no schema `Environment`');
  const fields = [...schema.matchAll(/^ {2}([A-Z][A-Z_]*):(.*?)(?=^ {2}(?:[A-Z/]|$)|(?![^]))/gms)];
  return new Map(fields.map(([, name, body]) => [name, readDefault(body)]));
}

function readDefault(body) {
  const [, literal] = /(?:\.default|secondsSchema|scoreSchema)\('?([^'[\],)]+)'?[,)]/.exec(body) ?? [];
  // Numbers of the source contain separators.
  return literal?.replaceAll(/(?<=[0-9])_(?=[0-9])/g, '') ?? null;
}

/** Reads the rows of the page's tables. @returns pairs of a setting's name and its default */
const readRows = () =>
  [...page.matchAll(/^\| `([A-Z_]+)` +\| (.*?) +\|/gm)].map(([, name, fallback]) => [
    name,
    fallback.replaceAll('`', ''),
  ]);

it('finds the settings in the schema', () => {
  const settings = readSchema();
  assert.ok(settings.size > 30, `found only ${[...settings.keys()].join(', ')}`);
  assert.equal(settings.get('PORT'), '3000');
  assert.equal(settings.get('HOLD_SECONDS'), '300');
  assert.equal(settings.get('MAIL_FROM'), 'Usher <tickets@localhost>');
});

it('explains every setting of the schema exactly once, and no other setting', () => {
  const names = readRows().map(([name]) => name);
  assert.deepEqual(new Set(names), new Set(readSchema().keys()));
  assert.equal(names.length, new Set(names).size);
});

it('states the default of each setting', () => {
  const settings = readSchema();
  const wrong = readRows().filter(([name, stated]) => {
    const expected = settings.get(name);
    return expected !== null && expected !== undefined && stated.split(' embedded')[0] !== expected;
  });
  assert.deepEqual(wrong, []);
});
