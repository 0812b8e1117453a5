// Finds packages in the `packages` of a lock file. Imports no package, because CI also runs it before the install.

export const moduleFolder = 'node_modules/';

/**
 * Yields the folders in which Node searches for the dependencies of `path`: its own folder first, then each folder
 * above.
 */
function* listSearchFolders(path) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf(moduleFolder) - 1))) {
    yield folder === '' ? moduleFolder : `${folder}/${moduleFolder}`;
    if (folder === '') return;
    if (!folder.includes(moduleFolder)) folder = ''; // The folder is a workspace, so the next folder is the root.
  }
}

/**
 * Returns the folder of the package that `path` loads by this name. For a workspace, returns its folder in libs.
 * Returns undefined if the lock file has no such package.
 */
export function findDependency(packages, path, name) {
  const found = [...listSearchFolders(path)].map((folder) => `${folder}${name}`).find((folder) => folder in packages);
  return packages[found]?.link ? packages[found].resolved : found;
}
