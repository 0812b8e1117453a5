import { jest } from '@jest/globals';

// On a machine that others keep busy a deadline may pass that says nothing of the code. What fails is tried once more, and
// its first failure is printed: a test that needs it is to be mended.
if (process.env.CI === 'true') jest.retryTimes(1, { logErrorsBeforeRetry: true });
