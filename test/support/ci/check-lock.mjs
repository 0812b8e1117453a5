// Finds optional dependencies that are missing from the lock file. npm writes an incomplete lock file without a warning
// if the registry cannot serve a platform's package at that moment. `npm ci` then refuses the file. Run this check
// before the install, because it names the missing package.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const file = resolve(process.argv[2] ?? 'package-lock.json');
const { packages } = JSON.parse(readFileSync(file, 'utf8'));

/**
 * Yields the folders in which Node searches for the dependencies of `path`: its own folder first, then each folder
 * above.
 */
function* listSearchFolders(path) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    yield folder === '' ? 'node_modules' : `${folder}/node_modules`;
    if (folder === '') return;
    if (!folder.includes('node_modules/')) folder = ''; // The folder is a workspace, so the next folder is the root.
  }
}

const isLocked = (path, name) => [...listSearchFolders(path)].some((folder) => packages[`${folder}/${name}`]?.version);

const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
  Object.entries(optionalDependencies)
    .filter(([name]) => !isLocked(path, name))
    .map(([name, range]) => `${path === '' ? 'package.json' : path} needs ${name}@${range}`),
);

for (const line of missing) process.stderr.write(`${line}: not in the lock file\n`);
if (missing.length > 0) {
  process.stderr.write(
    'Pin a version whose platform packages are in the registry (see "overrides"), then run npm install.\n',
  );
  process.exitCode = 1;
} else {
  process.stdout.write(`${Object.keys(packages).length} packages, no optional dependency is missing\n`);
}
