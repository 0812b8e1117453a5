/** Choosing seats in a hall: pure, without I/O, the same answer for the same input. Seats are indices into `layout.seats`. */
export { bestSeats, countFitting, type SeatWish } from './best-seats.js';
export { FreeCounts } from './free-counts.js';
export { hallPlan, type HallPlan } from './hall-plan.js';
export { seatsLike } from './seats-like.js';
export { choiceWithoutGap, leavesSingleSeat } from './single-seat-gap.js';
