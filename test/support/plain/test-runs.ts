import { env } from 'node:process';

/**
 * Whether random tests run in their long form. `npm run test:long` sets `TEST_RUNS=long`. All other runs use the short
 * form, because each commit waits for the tests.
 */
export const isLongRun = env['TEST_RUNS'] === 'long';

/** Chooses how many random cases, seeds or steps a test runs: `short` by default, `long` in `npm run test:long`. */
export const testRuns = ({ short, long }: { readonly short: number; readonly long: number }): number =>
  isLongRun ? long : short;
