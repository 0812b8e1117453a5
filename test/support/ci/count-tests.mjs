// Reads a report of `jest --json --outputFile` and prints "passed failed". A file of tests that could not even be
// loaded counts as one that failed; so does a run without any test.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const passed = report.numPassedTests;
const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
process.stdout.write(`${passed} ${passed + failed === 0 ? 1 : failed}\n`);
