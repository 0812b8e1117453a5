import { expect, it } from '@jest/globals';
import { createErrorBody } from '@usher/contract';
import { toUsherError, UsherError } from './errors.js';

it("carries the server's refusal with the fields of its code", () => {
  const body = createErrorBody('SEATS_TAKEN', 'D12 is taken', { seats: [12], alternative: [13] });
  const error = toUsherError(body);
  expect(error).toBeInstanceOf(UsherError);
  expect(error).toMatchObject({ code: 'SEATS_TAKEN', message: 'D12 is taken', body });
});

it('says NETWORK of anything that is not from Usher, with its cause', () => {
  const cause = new Error('refused');
  expect(toUsherError(cause)).toMatchObject({ code: 'NETWORK', message: 'refused', body: null, cause });
  expect(toUsherError('nonsense').code).toBe('NETWORK');
});

it('takes a refusal whose code is newer than this SDK for a final one', () => {
  const body = { type: 'x', title: 'x', status: 409, code: 'NEWER_THAN_US', detail: 'no' };
  expect(toUsherError(body)).toMatchObject({ code: 'INTERNAL', message: 'no', body: null });
});

it('leaves an UsherError as it is', () => {
  const error = UsherError.timeout('late');
  expect(toUsherError(error)).toBe(error);
});
