import { jest } from '@jest/globals';

// On a busy machine a test may miss a deadline although the code is right. So CI repeats a failed test once and prints
// the first failure. A test that needs the repetition should be fixed.
if (process.env.CI === 'true') jest.retryTimes(1, { logErrorsBeforeRetry: true });
