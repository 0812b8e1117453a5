// Reads a report of `jest --json --outputFile`. Prints the numbers of passed and failed tests on the first line, and the
// flaky tests below it. A test file that cannot be loaded counts as one failure, and so does a run without tests.
import { readFileSync } from 'node:fs';
import { findFlakyTests, reportFlakyTests } from './flaky-tests.mjs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const passed = report.numPassedTests;
const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
process.stdout.write(`${passed} ${passed + failed === 0 ? 1 : failed}\n`);
process.stdout.write(`${reportFlakyTests(findFlakyTests(report))}\n`);
