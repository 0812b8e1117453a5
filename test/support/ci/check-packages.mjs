// Checks the licences and the versions of packages by deploy/packages/policy.mjs: `node check-packages.mjs [root]`.
// Reads only the lock file, so it needs no network.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import satisfies from 'spdx-satisfies';
import { findDependency } from '../../../deploy/packages/lock-file.mjs';
import { allowedLicences, allowedPrereleases, clarifiedLicences } from '../../../deploy/packages/policy.mjs';
import { readProductionPackages } from '../../../deploy/packages/production-packages.mjs';

const root = resolve(process.argv[2] ?? '.');
const { packages } = readProductionPackages(root);
const lockFile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;

function isAllowed(licence) {
  try {
    return satisfies(licence, allowedLicences);
  } catch {
    return false; // The text is not an SPDX expression.
  }
}

const licenceProblems = packages
  .filter(({ licence }) => !isAllowed(licence ?? ''))
  .map(
    ({ name, version, licence }) =>
      `${name}@${version} has the licence "${licence ?? 'none'}", which is not in allowedLicences. Use another ` +
      'package, or read its licence and add it to allowedLicences or clarifiedLicences.',
  );

/** Returns the packages that the root and the workspaces name themselves, also for development. */
const directPackages = Object.entries(lockFile)
  .filter(([path]) => !path.includes('node_modules/'))
  .flatMap(([path, { dependencies, devDependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).flatMap((name) => {
      const folder = findDependency(lockFile, path, name);
      return folder === undefined ? [] : { name, version: lockFile[folder].version };
    }),
  );

const prereleases = new Map(
  [...directPackages, ...packages]
    .filter(({ version }) => /^\d+\.\d+\.\d+-/.test(version))
    .map(({ name, version }) => [name, version]),
);
const versionProblems = [...prereleases]
  .filter(([name]) => !(name in allowedPrereleases))
  .map(
    ([name, version]) =>
      `${name}@${version} is a prerelease. Use a stable release. If there is none, add the package and the reason to ` +
      'allowedPrereleases.',
  );

const known = new Set(packages.map(({ name, version }) => `${name}@${version}`));
const unusedEntries = [
  ...Object.keys(clarifiedLicences).filter((key) => !known.has(key)),
  ...Object.keys(allowedPrereleases).filter((name) => !prereleases.has(name)),
].map((key) => `${key}: no such package is used. Remove the entry from the policy.`);

const problems = [...licenceProblems, ...versionProblems, ...unusedEntries];
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;
else process.stdout.write(`${packages.length} production packages have allowed licences and versions\n`);
