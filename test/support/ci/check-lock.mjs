// `npm ci` refuses a lock file that lacks an optional dependency, and npm writes such a file without a word when the
// registry could not serve a platform's package at that moment. Run before the install: this says which it is.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const file = resolve(process.argv[2] ?? 'package-lock.json');
const { packages } = JSON.parse(readFileSync(file, 'utf8'));

/** The folders in which Node looks for what is installed for `path`, nearest first: its own, then each one above. */
function* searched(path) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    yield folder === '' ? 'node_modules' : `${folder}/node_modules`;
    if (folder === '') return;
    if (!folder.includes('node_modules/')) folder = ''; // a workspace: above it is the root
  }
}

const isLocked = (path, name) => [...searched(path)].some((folder) => packages[`${folder}/${name}`]?.version);

const lacking = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
  Object.entries(optionalDependencies)
    .filter(([name]) => !isLocked(path, name))
    .map(([name, range]) => `${path === '' ? 'package.json' : path} wants ${name}@${range}`),
);

for (const line of lacking) process.stderr.write(`${line}: not in the lock file\n`);
if (lacking.length > 0) {
  process.stderr.write('Pin a version whose platform packages the registry has (see "overrides"), then npm install.\n');
  process.exitCode = 1;
} else {
  process.stdout.write(`${Object.keys(packages).length} packages, none lacks an optional dependency\n`);
}
