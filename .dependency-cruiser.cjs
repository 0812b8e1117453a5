// Import rules. Code may import from its own step or from any step further right, never from a step further left:
//
//   main, cli → app.module → features → shows, catalog → access → realtime → transport → database → config → common
//             → libs/contract
//   libs/web → libs/client → libs/contract

const features = [
  'reservations',
  'lines',
  'seat-map',
  'payments',
  'tickets',
  'mail',
  'push',
  'partners',
  'soap',
  'admin',
  'import',
  'api-docs',
  'operations',
];

/** The folders of src from left to right. Folders of the same step share a line. */
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
/** Specs, and the fixtures that stand beside them. The build leaves both out. */
const specs = '\\.(spec|fixture)\\.tsx?$';
/** Helpers of tests that specs anywhere may import. The rule product-knows-no-test keeps product code away from them. */
const plainHelpers = '^test/(support/plain|simulation/(fixtures|reference))/';
const ours = '^(src|libs|test)/';
const product = { path: '^(src|libs/[^/]+/src)/', pathNot: specs };

/**
 * One rule per step: the step's folders import neither a folder further left nor a file of the composition root. The
 * commands of src/cli start the application, so they may import the composition root.
 */
const leftwards = steps.slice(1).map((step, index) => ({
  name: `no-leftward-import-from-${step.length > 2 ? 'features' : step.join('-')}`,
  severity: 'error',
  from: { path: folders(step) },
  to: { path: ['^src/[^/]+$', folders(steps.slice(0, index + 1).flat())] },
}));

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** Other folders of src import this folder only through its index.ts. Its own specs may import any of its files. */
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
    rule('no-import-of-main', 'main.ts starts the service. Nothing imports it.', {}, { path: '^src/main\\.ts$' }),
    rule(
      'no-import-of-cli',
      'Each file directly in src/cli is a command, which runs when it is imported. The parts of commands stand in folders.',
      {},
      { path: '^src/cli/[^/]+$' },
    ),
    rule(
      'known-folder',
      'This folder of src has no place in the import order. Add it to the steps above.',
      { path: '^src/[^/]+/', pathNot: folders(steps.flat()) },
      {},
    ),
    rule(
      'catalog-knows-no-shows',
      'src/shows may import src/catalog, but not the other way round.',
      { path: '^src/catalog/' },
      { path: '^src/shows/' },
    ),
    rule(
      'features-by-index',
      'A feature imports another feature only through its index.ts.',
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
      'libs/contract imports no other part of this repository. Its specs may import plain helpers of test.',
      { path: '^libs/contract/' },
      { path: ours, pathNot: ['^libs/contract/', plainHelpers] },
    ),
    rule(
      'client-knows-the-contract-only',
      'libs/client imports no other part of this repository except libs/contract. Its specs may import plain helpers of test.',
      { path: '^libs/client/' },
      { path: ours, pathNot: ['^libs/(client|contract)/', plainHelpers] },
    ),
    rule(
      'web-knows-client-and-contract-only',
      'libs/web is a client like any other.',
      { path: '^libs/web/' },
      { path: ours, pathNot: ['^libs/(web|client|contract)/', plainHelpers] },
    ),
    rule(
      'no-node-in-the-browser',
      'contract, client and web run in browsers.',
      { path: '^libs/[^/]+/src/', pathNot: specs },
      { dependencyTypes: ['core'] },
    ),
    rule('product-knows-no-test', 'Product code runs without tests.', product, { path: ['^test/', specs] }),
    rule(
      'specs-import-plain-helpers',
      'A spec runs without a server. It imports only helpers of test that are pure functions or data.',
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
      'A package that product code loads stands under dependencies (the web app is bundled, so its build counts).',
      { path: '^(src|libs/(contract|client)/src)/', pathNot: specs },
      {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown'],
        dependencyTypesNot: ['type-only', 'npm', 'core'],
      },
    ),
    rule('resolves', 'An import that leads nowhere.', {}, { couldNotResolve: true }),
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
