import { expect, it } from '@jest/globals';
import { choiceSeatsMax, splitByAvailability, toggleSeat } from './choice.js';

it('adds and removes a seat, and refuses a seat above the maximum', () => {
  const ten = Array.from({ length: choiceSeatsMax }, (_, seat) => seat);
  expect(toggleSeat([4], 7)).toEqual({ done: 'added', chosenSeats: [4, 7] });
  expect(toggleSeat([4, 7], 4)).toEqual({ done: 'removed', chosenSeats: [7] });
  expect(toggleSeat(ten, 99)).toEqual({ done: 'full', chosenSeats: ten });
  expect(toggleSeat(ten, 3)).toMatchObject({ done: 'removed' });
});

it('separates seats that another buyer has taken from seats that are still free', () => {
  expect(splitByAvailability([1, 2, 3], (seat) => seat !== 2)).toEqual({ keptSeats: [1, 3], takenSeats: [2] });
});

it('returns the same array if no seat was taken, so that React does not render again', () => {
  const chosen = [1, 2];
  expect(splitByAvailability(chosen, () => true).keptSeats).toBe(chosen);
});
