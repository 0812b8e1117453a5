// Finds import cycles between folders: `node test/support/ci/folder-cycles.mjs [root]` prints each cycle and exits 1.
//
// dependency-cruiser finds cycles between files. This check adds folders: if a file of folder A imports a file of
// folder B and another file of B imports one of A, a reader cannot understand one folder without the other. Files that
// compose a folder (its index, its Nest module, the start of an application) do not belong to the folder here. Each
// counts as a folder of its own.
import { execFileSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const compositionFile = /(^|\/)(index|main|app|service|[^/]+\.module)\.tsx?$/;
const testFile = /\.(spec|fixture|spec-support)\.tsx?$/;

const nodeOf = (file) => (compositionFile.test(file) ? file : dirname(file));

/** Returns the imports between the product files of a workspace, as pairs of paths. */
function importsOf(root) {
  const project = resolve(import.meta.dirname, '../../..');
  const cruiser = join(project, 'node_modules/.bin/depcruise');
  const args = [cruiser, 'src', 'libs', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  // The exit code is non-zero if an import rule is violated. This check ignores that.
  const run = () =>
    execFileSync(process.execPath, args, { cwd: root, maxBuffer: 1e9, stdio: ['ignore', 'pipe', 'ignore'] });
  let output;
  try {
    output = run();
  } catch (error) {
    output = error.stdout;
  }
  return JSON.parse(output.toString()).modules.flatMap(({ source, dependencies }) =>
    dependencies.map(({ resolved }) => [source, resolved]),
  );
}

/** Returns the cycles between folders, each as the sorted list of its folders. */
export function folderCycles(root) {
  const isProduct = (file) => /^(src|libs)\//.test(file) && !testFile.test(file) && !file.includes('node_modules');
  const edges = new Map();
  for (const [from, to] of importsOf(root)) {
    if (!isProduct(from) || !isProduct(to) || nodeOf(from) === nodeOf(to)) continue;
    edges.set(nodeOf(from), (edges.get(nodeOf(from)) ?? new Set()).add(nodeOf(to)));
  }
  return stronglyConnected(edges).map((folders) => folders.toSorted());
}

/** Returns the strongly connected components that have more than one node. Uses Tarjan's algorithm. */
function stronglyConnected(edges) {
  const found = [];
  const stack = [];
  const index = new Map();
  const low = new Map();
  const visit = (node) => {
    index.set(node, index.size);
    low.set(node, index.get(node));
    stack.push(node);
    for (const next of edges.get(node) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node), low.get(next)));
    }
    if (low.get(node) !== index.get(node)) return;
    const component = stack.splice(stack.indexOf(node));
    if (component.length > 1) found.push(component);
  };
  for (const node of edges.keys()) if (!index.has(node)) visit(node);
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const cycles = folderCycles(resolve(process.argv[2] ?? '.'));
  for (const folders of cycles) console.error(`import cycle between folders: ${folders.join(', ')}`);
  process.exitCode = cycles.length > 0 ? 1 : 0;
}
