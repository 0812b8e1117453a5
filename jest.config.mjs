/** What every project shares: ESM TypeScript through swc with the settings of .swcrc, sources of the workspaces. */
const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true, dynamicImport: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
        },
      },
    ],
  },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testEnvironmentOptions: { customExportConditions: ['@usher/source', 'node', 'node-addons'] },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/libs/.*/dist'],
  injectGlobals: false,
};

/** Everything that touches a database or a socket: real servers, started once by the global set-up. */
const onServers = (name) => ({
  ...shared,
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  setupFilesAfterEnv: ['<rootDir>/test/support/retry.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
});

/** `npm run test:long` sets this. A plain `npm test` leaves out the slowest tests. */
const isLongRun = process.env.TEST_RUNS === 'long';

/** `npm test` runs all projects except `browser` and `docs`, which have commands of their own. */
export default {
  workerIdleMemoryLimit: '700MB',
  maxWorkers: 3,
  testTimeout: 30_000,
  testSequencer: '<rootDir>/test/support/sequencer.mjs',
  reporters: ['default', '<rootDir>/test/support/ci/flaky-tests.mjs'],
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{src,libs,test/chaos}/**/*.spec.ts'] },
    { ...shared, displayName: 'simulation', testMatch: ['<rootDir>/test/simulation/**/*.test.ts'] },
    onServers('concurrency'),
    onServers('cluster'),
    onServers('e2e'),
    {
      ...shared,
      displayName: 'chaos',
      testMatch: ['<rootDir>/test/chaos/**/*.test.ts'],
      testPathIgnorePatterns: isLongRun ? [] : ['planted-bugs', 'postgres-faults'], // four minutes
      setupFilesAfterEnv: ['<rootDir>/test/support/retry.ts'],
    },
    onServers('browser'),
    onServers('docs'),
  ],
};
