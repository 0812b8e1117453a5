// Reads the production packages from the lock file: everything that the service loads and that the web app contains.
// The lock file lists the packages of all platforms, so the result is the same on every machine.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findDependency, moduleFolder } from './lock-file.mjs';
import { clarifiedLicences } from './policy.mjs';

/**
 * @typedef {object} ProductionPackage
 * @property {string} path its folder, relative to the root
 * @property {string} name
 * @property {string} version
 * @property {string} [licence] an SPDX expression. Undefined if neither the package nor the policy states one.
 * @property {string} [integrity] the hash of its archive, as in the lock file
 * @property {boolean} isOurs true for the workspaces in libs
 * @property {boolean} isForOnePlatform true if npm installs it only on some platforms
 * @property {string[]} dependencies the folders of the production packages that it loads
 */

/**
 * Reads the lock file in `root`.
 *
 * @returns {{ application: ProductionPackage; packages: ProductionPackage[] }} the root package, which depends on all
 *   workspaces, and the packages, ordered by name
 */
export function readProductionPackages(root) {
  const entries = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const paths = Object.keys(entries).filter((path) => path !== '' && isProduction(entries[path]));
  const packages = paths.map((path) => describe(entries, path)).toSorted(compareByName);
  const application = describe(entries, '');
  const workspaces = packages.filter(({ isOurs }) => isOurs).map(({ path }) => path);
  const dependencies = [...new Set([...application.dependencies, ...workspaces])];
  return { application: { ...application, dependencies }, packages };
}

/** @returns {ProductionPackage} */
function describe(entries, path) {
  const entry = entries[path];
  const name = entry.name ?? path.slice(path.lastIndexOf(moduleFolder) + moduleFolder.length);
  const needed = { ...entry.dependencies, ...entry.optionalDependencies, ...entry.peerDependencies };
  return {
    path,
    name,
    version: entry.version,
    licence: clarifiedLicences[`${name}@${entry.version}`] ?? entry.license,
    integrity: entry.integrity,
    isOurs: !path.includes(moduleFolder),
    isForOnePlatform: Boolean(entry.os ?? entry.cpu),
    dependencies: Object.keys(needed)
      .flatMap((dependency) => findDependency(entries, path, dependency) ?? [])
      .filter((folder) => isProduction(entries[folder])),
  };
}

const isProduction = ({ dev, devOptional, link }) => !dev && !devOptional && !link;

/** Compares by code units, because the order of a locale differs between machines. */
const compare = (a, b) => Number(a > b) - Number(a < b);

const compareByName = (a, b) => compare(a.name, b.name) || compare(a.version, b.version) || compare(a.path, b.path);
