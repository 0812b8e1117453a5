/**
 * Returns the names of the tests that passed only when they were repeated.
 * @param results a report of `jest --json`, or the results that Jest gives to a reporter
 */
export const findFlakyTests = ({ testResults }) =>
  testResults.flatMap(({ name, testFilePath = name, assertionResults, testResults: tests = assertionResults }) =>
    tests
      .filter(({ status, invocations }) => status === 'passed' && invocations > 1)
      .map(({ fullName }) => `${testFilePath.replace(`${process.cwd()}/`, '')}: ${fullName}`),
  );

/** Returns the lines that report flaky tests at the end of a run. */
export const reportFlakyTests = (tests) => [`flaky: ${tests.length}`, ...tests.map((test) => `  ${test}`)].join('\n');

/** A Jest reporter that counts and names flaky tests at the end of a run. */
export default class FlakyReporter {
  onRunComplete(_contexts, results) {
    if (process.env.CI === 'true') process.stderr.write(`${reportFlakyTests(findFlakyTests(results))}\n`);
  }
}
