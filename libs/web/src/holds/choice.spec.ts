import { expect, it } from '@jest/globals';
import { choiceSeatsMax, splitByAvailability, toggleSeat } from './choice.js';

it('adds and removes a seat and refuses the one too many', () => {
  const ten = Array.from({ length: choiceSeatsMax }, (_, seat) => seat);
  expect(toggleSeat([4], 7)).toEqual({ done: 'added', chosen: [4, 7] });
  expect(toggleSeat([4, 7], 4)).toEqual({ done: 'removed', chosen: [7] });
  expect(toggleSeat(ten, 99)).toEqual({ done: 'full', chosen: ten });
  expect(toggleSeat(ten, 3)).toMatchObject({ done: 'removed' });
});

it('lets seats that someone took leave the choice and says which', () => {
  expect(splitByAvailability([1, 2, 3], (seat) => seat !== 2)).toEqual({ kept: [1, 3], lost: [2] });
});

it('keeps the very same choice while nothing was taken, so that nothing is drawn again', () => {
  const chosen = [1, 2];
  expect(splitByAvailability(chosen, () => true).kept).toBe(chosen);
});
