import { expect, it } from '@jest/globals';
import { maxChoice, reconcile, toggle } from './choice.js';

it('adds and removes a seat and refuses the one too many', () => {
  const ten = Array.from({ length: maxChoice }, (_, seat) => seat);
  expect(toggle([4], 7)).toEqual({ done: 'added', chosen: [4, 7] });
  expect(toggle([4, 7], 4)).toEqual({ done: 'removed', chosen: [7] });
  expect(toggle(ten, 99)).toEqual({ done: 'full', chosen: ten });
  expect(toggle(ten, 3)).toMatchObject({ done: 'removed' });
});

it('lets seats that someone took leave the choice and says which', () => {
  expect(reconcile([1, 2, 3], (seat) => seat !== 2)).toEqual({ kept: [1, 3], lost: [2] });
});

it('keeps the very same choice while nothing was taken, so that nothing is drawn again', () => {
  const chosen = [1, 2];
  expect(reconcile(chosen, () => true).kept).toBe(chosen);
});
