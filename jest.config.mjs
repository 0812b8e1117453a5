/**
 * Settings of all projects: swc compiles the TypeScript to ES modules with the settings of .swcrc, and imports of
 * workspace packages resolve to their sources.
 */
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

/** Returns a project whose tests use real servers. The global set-up starts these servers once per run. */
const onServers = (name) => ({
  ...shared,
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  setupFilesAfterEnv: ['<rootDir>/test/support/retry.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
});

/** True in `npm run test:long`, which sets `TEST_RUNS`. A plain `npm test` leaves out the slowest tests. */
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
