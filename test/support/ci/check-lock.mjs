// Finds optional dependencies that are missing from the lock file. npm writes an incomplete lock file without a warning
// if the registry cannot serve a platform's package at that moment. `npm ci` then refuses the file. Run this check
// before the install, because it names the missing package.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { findDependency } from '../../../deploy/packages/lock-file.mjs';

const file = resolve(process.argv[2] ?? 'package-lock.json');
const { packages } = JSON.parse(readFileSync(file, 'utf8'));

const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
  Object.entries(optionalDependencies)
    .filter(([name]) => !packages[findDependency(packages, path, name)]?.version)
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
