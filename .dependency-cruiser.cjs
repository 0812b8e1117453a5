// Import rules. Code may import from its own step and from any step to the right of it, but never from a step to the
// left:
//
//   main, cli → app.module → features → shows, catalog → access → realtime → transport → database → config → common
//             → libs/contract
//   libs/web → libs/client → libs/contract

const features = [
  'admission',
  'reservations',
  'lines',
  'seat-map',
  'payments',
  'tickets',
  'mail',
  'push',
  'partners',
  'privacy',
  'soap',
  'admin',
  'audit',
  'import',
  'api-docs',
  'operations',
];

/** The folders of src, from the leftmost step to the rightmost. Each inner array is one step. */
const steps = [
  ['cli'],
  features,
  ['shows', 'catalog'],
  ['access'],
  ['realtime'],
  ['transport'],
  ['database'],
  ['config'],
  ['common'],
];

const folders = (names) => `^src/(${names.join('|')})/`;
/** Matches specs and the fixtures beside them. The build leaves out specs and fixtures. */
const specs = '\\.(spec|fixture)\\.tsx?$';
/**
 * Matches the test helpers that every spec may import. The rule product-knows-no-test keeps product code from importing
 * them.
 */
const plainHelpers = '^test/(support/plain|simulation/(fixtures|reference))/';
const ours = '^(src|libs|test)/';
const product = { path: '^(src|libs/[^/]+/src)/', pathNot: specs };

/**
 * Creates one rule per step: the folders of the step may import neither a folder of a step further left nor a file of
 * the composition root (the files directly in src). There is no rule for src/cli, because its commands start the
 * application and may import the composition root.
 */
const leftwards = steps.slice(1).map((step, index) => ({
  name: `no-leftward-import-from-${step.length > 2 ? 'features' : step.join('-')}`,
  severity: 'error',
  from: { path: folders(step) },
  to: { path: ['^src/[^/]+$', folders(steps.slice(0, index + 1).flat())] },
}));

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/**
 * Other folders of src may import this folder only through its index.ts. Files inside the folder, such as its specs,
 * may import any of its files.
 */
const onlyByIndex = (folder) =>
  rule(
    `${folder}-by-index`,
    `src/${folder} has one entry point, its index.ts.`,
    { path: '^src/', pathNot: `^src/${folder}/` },
    { path: `^src/${folder}/`, pathNot: `^src/${folder}/index\\.ts$` },
  );

module.exports = {
  forbidden: [
    ...leftwards,
    ...['shows', 'catalog', 'access', 'realtime'].map(onlyByIndex),
    rule(
      'no-cycle',
      'Merge files that import each other, or move what both need into a third file.',
      {},
      { circular: true },
    ),
    rule('no-import-of-main', 'main.ts starts the service, so no file may import it.', {}, { path: '^src/main\\.ts$' }),
    rule(
      'no-import-of-cli',
      'Each file directly in src/cli is a command that runs as soon as it is imported. Import from its folder instead.',
      {},
      { path: '^src/cli/[^/]+$' },
    ),
    rule(
      'known-folder',
      'The import order does not contain this folder of src. Add the folder to `steps` in .dependency-cruiser.cjs.',
      { path: '^src/[^/]+/', pathNot: folders(steps.flat()) },
      {},
    ),
    rule(
      'catalog-knows-no-shows',
      'src/shows may import src/catalog, but src/catalog may not import src/shows.',
      { path: '^src/catalog/' },
      { path: '^src/shows/' },
    ),
    rule(
      'features-by-index',
      'A feature may import another feature only through the index.ts of that other feature.',
      { path: `^src/(${features.join('|')})/` },
      { path: folders(features), pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$'] },
    ),
    rule(
      'core-is-pure',
      'src/shows/core uses no clock, no database and no Nest. It may use node:crypto for hashes and uuid to format ids.',
      { path: '^src/shows/core/', pathNot: specs },
      { pathNot: ['^src/shows/core/', '^libs/contract/', '^(node:)?crypto$', '^node_modules/uuid/'] },
    ),
    rule(
      'src-knows-no-client',
      'The service does not depend on its clients.',
      { path: '^src/' },
      { path: '^libs/(client|web)/' },
    ),
    rule(
      'contract-stands-alone',
      'libs/contract imports no other part of this repository. Its specs may import plain test helpers.',
      { path: '^libs/contract/' },
      { path: ours, pathNot: ['^libs/contract/', plainHelpers] },
    ),
    rule(
      'client-knows-the-contract-only',
      'libs/client imports only libs/contract from this repository. Its specs may also import plain test helpers.',
      { path: '^libs/client/' },
      { path: ours, pathNot: ['^libs/(client|contract)/', plainHelpers] },
    ),
    rule(
      'web-knows-client-and-contract-only',
      'libs/web is a client, so it imports only libs/client and libs/contract from this repository.',
      { path: '^libs/web/' },
      { path: ours, pathNot: ['^libs/(web|client|contract)/', plainHelpers] },
    ),
    rule(
      'no-node-in-the-browser',
      'contract, client and web run in browsers, which have no modules of Node.',
      { path: '^libs/[^/]+/src/', pathNot: specs },
      { dependencyTypes: ['core'] },
    ),
    rule('product-knows-no-test', 'Product code must not import any test code.', product, { path: ['^test/', specs] }),
    rule(
      'specs-import-plain-helpers',
      'A spec runs without a server, so it imports only test helpers that are pure functions or data.',
      { path: `^(src|libs/[^/]+/src)/.*${specs}` },
      { path: '^test/', pathNot: plainHelpers },
    ),
    rule(
      'plain-helpers-are-pure',
      'Specs import these helpers, so the helpers use no database, no server and no Nest.',
      { path: plainHelpers },
      {
        pathNot: [
          plainHelpers,
          '^src/shows/core/',
          '^src/catalog/demo/random\\.ts$',
          '^libs/contract/',
          '^(node:)?(crypto|process)$',
          'node_modules/fast-check/',
        ],
      },
    ),
    rule(
      'product-declares-what-it-needs',
      'A package that product code loads must be in `dependencies`, because the SBOM lists only these.',
      product,
      {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown'],
        dependencyTypesNot: ['type-only', 'npm', 'core'],
      },
    ),
    rule('resolves', 'The imported file or package does not exist.', {}, { couldNotResolve: true }),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['(^|/)dist/', '^\\.usher/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@usher/source', 'import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types', 'typings'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};
