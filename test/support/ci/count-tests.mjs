// Reads a report of `jest --json --outputFile` and prints the numbers of passed and failed tests. A test file that
// cannot be loaded counts as one failure, and so does a run without tests.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const passed = report.numPassedTests;
const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
process.stdout.write(`${passed} ${passed + failed === 0 ? 1 : failed}\n`);
