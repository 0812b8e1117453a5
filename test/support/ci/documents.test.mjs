// Checks that everything that the documents name exists: source files, functions, npm scripts, and pages of the
// sidebar.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { it } from 'node:test';

const root = join(import.meta.dirname, '../../..');
const documents = globSync('{*.md,docs/**/*.md,deploy/**/*.md,libs/*/*.md,.github/**/*.md}', { cwd: root }).filter(
  (path) => !path.includes('node_modules'),
);
const read = (path) => readFileSync(join(root, path), 'utf8');
const { scripts } = JSON.parse(read('package.json'));

/** Returns the paths that a document writes as code. A path with a placeholder or a pattern is left out. */
const namedPaths = (text) =>
  [...text.matchAll(/`((?:src|libs|test|deploy|docs)\/[\w./-]+)`/g)].map(([, path]) => path.replace(/\/$/, ''));

const namedScripts = (text) => [...text.matchAll(/npm run (?:-s )?(\w[\w:-]*)/g)].map(([, name]) => name);

/** The pages of the sidebar, as paths of Markdown files. */
const sidebarPages = () =>
  [...read('docs/.vitepress/config.mts').matchAll(/page\('[^']+', '([^']+)'\)/g)].map(
    ([, link]) => `docs${link.endsWith('/') ? `${link}index` : link}.md`,
  );

for (const path of documents.filter((name) => name !== 'CHANGELOG.md')) {
  it(`${path} names only files that exist`, () => {
    assert.deepEqual(
      namedPaths(read(path)).filter((named) => !existsSync(join(root, named))),
      [],
    );
  });
}

for (const path of documents) {
  it(`${path} names only npm scripts that exist`, () => {
    assert.deepEqual(
      namedScripts(read(path)).filter((name) => !(name in scripts)),
      [],
    );
  });
}

it('every page of the sidebar exists, and the sidebar has every page', () => {
  const pages = globSync('docs/**/*.md', { cwd: root, exclude: (name) => name === 'node_modules' })
    .map((path) => relative('.', path))
    .filter((path) => path !== 'docs/index.md' && (!path.startsWith('docs/decisions/') || path.endsWith('index.md')));
  assert.deepEqual([...new Set(sidebarPages())].toSorted(), pages.toSorted());
});

it('the index of the decision records links to every record', () => {
  const index = read('docs/decisions/index.md');
  const records = globSync('docs/decisions/*.md', { cwd: root }).map((path) => path.replace('docs/decisions/', ''));
  assert.deepEqual(
    records.filter((name) => name !== 'index.md' && !index.includes(`(${name})`)),
    [],
  );
});

/** Returns the functions that a document names with their file, as in "`submit` in `src/shows/lane/show-lane.ts`". */
const namedFunctions = (text) =>
  [...text.matchAll(/`(\w+)`\s+in\s+`((?:src|libs|test)\/[\w./-]+)`/g)].map(([, name, path]) => ({ name, path }));

it('every function that a document names with its file is in that file', () => {
  const named = documents.flatMap((path) => namedFunctions(read(path)));
  assert.ok(named.length >= 15, 'found fewer than 15 functions that the documents name with their files');
  assert.deepEqual(
    named.filter(({ name, path }) => !new RegExp(`\\b${name}\\b`).test(read(path))),
    [],
  );
});

/** Returns the camelCase names that a document writes as code: functions, fields and settings of Usher. */
const namedIdentifiers = (text) => [...text.matchAll(/`([a-z]+[A-Z][A-Za-z]*)`/g)].map(([, name]) => name);

it('every name that a document writes as code occurs in the source', () => {
  const files = globSync('{src,libs/*/src,test,deploy}/**/*.{ts,tsx,mjs,conf,yaml}', { cwd: root });
  const words = new Set(files.flatMap((path) => read(path).match(/\w+/g) ?? []));
  const named = documents.filter((path) => path !== 'CHANGELOG.md').flatMap((path) => namedIdentifiers(read(path)));
  assert.ok(named.length > 100, 'found too few functions and fields that the documents name');
  assert.deepEqual(
    named.filter((name) => !words.has(name)),
    [],
  );
});

it('finds the paths, scripts, identifiers and functions that a text names', () => {
  assert.deepEqual(namedPaths('see `src/nowhere.ts` and `src/*.ts`'), ['src/nowhere.ts']);
  assert.deepEqual(namedScripts('run `npm run nothing`'), ['nothing']);
  assert.deepEqual(namedIdentifiers('`noSuchName` in `npm`'), ['noSuchName']);
  assert.deepEqual(namedFunctions('`reserve` in\n`src/a.ts`'), [{ name: 'reserve', path: 'src/a.ts' }]);
});
