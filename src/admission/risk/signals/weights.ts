import type { CountWeights } from './count-signal.js';
import type { DropWeights } from './hold-and-drop.js';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

// The weights of what one session does.

export const sessionCalls: CountWeights = {
  name: 'velocity',
  windowMs: 10 * secondMs,
  free: 30,
  each: 1,
  max: 40,
  noun: 'calls in 10 s',
};

export const sessionDrops: DropWeights = { free: 6, freePerBooking: 2, each: 6, max: 40 };

export const sessionFailedChallenges: CountWeights = {
  name: 'failedChallenges',
  windowMs: hourMs,
  free: 2,
  each: 8,
  max: 40,
  noun: 'failed challenges in 1 h',
};

export const sessionPayments: CountWeights = {
  name: 'payments',
  windowMs: hourMs,
  free: 6,
  each: 5,
  max: 30,
  noun: 'begun or declined payments in 1 h',
};

export const sessionBookings: CountWeights = {
  name: 'bookings',
  windowMs: dayMs / 2,
  free: 8,
  each: 4,
  max: 20,
  noun: 'paid bookings in 12 h',
};

// The weights of what all sessions of one source do together. A school or a mobile carrier behind one address does much
// of it, so these points are few, and `sourcePointsMax` limits their sum.

export const sourceSessions: CountWeights = {
  name: 'sharedSource',
  windowMs: hourMs,
  free: 50,
  each: 0.05,
  max: 25,
  noun: 'sessions of this source in the show in 1 h',
};

export const sourceCalls: CountWeights = {
  name: 'velocity',
  windowMs: 10 * secondMs,
  free: 300,
  each: 0.02,
  max: 10,
  noun: 'calls of this source in 10 s',
};

export const sourceDrops: DropWeights = { free: 60, freePerBooking: 3, each: 0.25, max: 15 };

export const sourceFailedChallenges: CountWeights = {
  name: 'failedChallenges',
  windowMs: hourMs,
  free: 50,
  each: 0.2,
  max: 10,
  noun: 'failed challenges of this source in 1 h',
};

export const sourcePayments: CountWeights = {
  name: 'payments',
  windowMs: hourMs,
  free: 200,
  each: 0.1,
  max: 10,
  noun: 'begun or declined payments of this source in 1 h',
};
