import { expect, it } from '@jest/globals';
import { DelayedCalls } from './delayed-calls.js';

it('only a bounded number of calls of a source is delayed at once, so further calls are refused at once', async () => {
  const delays = new DelayedCalls();
  const calls = Array.from({ length: 10 }, () => delays.wait('one', 30));
  const other = delays.wait('another', 30);
  const results = await Promise.all(calls);
  expect(results.filter((isDelayed) => isDelayed)).toHaveLength(8);
  expect(await other).toBe(true);
  expect(await delays.wait('one', 1)).toBe(true);
});
