// Chooses seats in a hall. All functions are pure. Seats are indices into `layout.seats`.
export { bestSeats, countFitting, type BestSeatsRequest } from './best-seats.js';
export { FreeCounts } from './free-counts.js';
export { hallPlan, type HallPlan } from './hall-plan.js';
export { seatsLike } from './seats-like.js';
export { choiceWithoutGap, leavesSingleSeat } from './single-seat-gap.js';
