// Who may import whom: main → app.module → features → shows, catalog → realtime → database → config → common →
// libs/contract; libs/web → libs/client → libs/contract. Skipping to the right is fine, leftwards never.

const features = ['reservations', 'queue', 'payments', 'tickets', 'mail', 'partners', 'soap', 'operations'];

/** The service's folders from left to right; folders of one step share a line. */
const steps = [features, ['shows', 'catalog'], ['realtime'], ['database'], ['config'], ['common']];

const folders = (names) => `^src/(${names.join('|')})/`;
const specs = '\\.spec\\.tsx?$';
const ours = '^(src|libs|test)/';
const product = { path: '^(src|libs/[^/]+/src)/', pathNot: specs };

/** One rule a step: nothing in it imports a folder to its left, nor the files of the composition root. */
const leftwards = steps.map((step, at) => ({
  name: `no-leftward-import-from-${step.length > 2 ? 'features' : step.join('-')}`,
  severity: 'error',
  from: { path: folders(step) },
  to: { path: ['^src/[^/]+$', ...(at > 0 ? [folders(steps.slice(0, at).flat())] : [])] },
}));

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    ...leftwards,
    rule('no-cycle', 'Two files that need each other are one file, or want a third.', {}, { circular: true }),
    rule('no-import-of-main', 'main.ts starts the service; nothing starts main.ts.', {}, { path: '^src/main\\.ts$' }),
    rule(
      'known-folder',
      'A folder of src that has no place in the order: give it one above.',
      { path: '^src/[^/]+/', pathNot: folders(steps.flat()) },
      {},
    ),
    rule(
      'catalog-knows-no-shows',
      'shows may import catalog, never the other way.',
      { path: '^src/catalog/' },
      { path: '^src/shows/' },
    ),
    rule(
      'features-by-their-exports',
      'A feature reaches another only through its module, its services or its index.',
      { path: `^src/(${features.join('|')})/` },
      {
        path: folders(features),
        pathNot: ['^src/$1/', '^src/[^/]+/(index|[^/]+\\.module|[^/]+\\.service)\\.ts$'],
      },
    ),
    rule(
      'core-is-pure',
      'src/shows/core decides; it has no clock, no database, no Nest. Of node:crypto it takes hashes.',
      { path: '^src/shows/core/', pathNot: specs },
      { pathNot: ['^src/shows/core/', '^libs/contract/', '^(node:)?crypto$'] },
    ),
    rule(
      'src-knows-no-client',
      'The service is not built on its clients.',
      { path: '^src/' },
      { path: '^libs/(client|web)/' },
    ),
    rule(
      'contract-stands-alone',
      'libs/contract imports nothing of ours.',
      { path: '^libs/contract/' },
      { path: ours, pathNot: '^libs/contract/' },
    ),
    rule(
      'client-knows-the-contract-only',
      'libs/client imports nothing of ours but libs/contract.',
      { path: '^libs/client/' },
      { path: ours, pathNot: '^libs/(client|contract)/' },
    ),
    rule(
      'web-knows-client-and-contract-only',
      'libs/web is a client like any other.',
      { path: '^libs/web/' },
      { path: ours, pathNot: '^libs/(web|client|contract)/' },
    ),
    rule(
      'no-node-in-the-browser',
      'contract, client and web run in browsers.',
      { path: '^libs/[^/]+/src/', pathNot: specs },
      { dependencyTypes: ['core'] },
    ),
    rule('product-knows-no-test', 'Product code runs without tests.', product, { path: ['^test/', specs] }),
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
