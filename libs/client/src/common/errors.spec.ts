import { expect, it } from '@jest/globals';
import { createErrorBody } from '@usher/contract';
import { toUsherError, UsherError } from './errors.js';

it("keeps the server's error body, including the extra fields of its code", () => {
  const body = createErrorBody('SEATS_TAKEN', 'D12 is taken', { seats: [12], alternative: [13] });
  const error = toUsherError(body);
  expect(error).toBeInstanceOf(UsherError);
  expect(error).toMatchObject({ code: 'SEATS_TAKEN', message: 'D12 is taken', body });
});

it('converts any error that did not come from Usher into a NETWORK error, and keeps its cause', () => {
  const cause = new Error('refused');
  expect(toUsherError(cause)).toMatchObject({ code: 'NETWORK', message: 'refused', body: null, cause });
  expect(toUsherError('nonsense').code).toBe('NETWORK');
});

it('converts an error body whose code this SDK does not know into an INTERNAL error, which is never retried', () => {
  const body = { type: 'x', title: 'x', status: 409, code: 'NEWER_THAN_US', detail: 'no' };
  expect(toUsherError(body)).toMatchObject({ code: 'INTERNAL', message: 'no', body: null });
});

it('returns an UsherError unchanged', () => {
  const error = UsherError.timeout('late');
  expect(toUsherError(error)).toBe(error);
});
