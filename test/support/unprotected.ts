/**
 * Settings that turn off what protects a show from bots. Most tests act like bots: thousands of sessions of one address
 * hold seats and give them back at machine speed. The tests of these protections set their own values.
 */
export const unprotected = {
  RISK_CHALLENGE_SCORE: '101',
  RISK_SLOW_SCORE: '101',
  RISK_REFUSE_SCORE: '101',
  COOL_DOWN_SECONDS: '0',
  COOL_DOWN_SAME_SEATS_SECONDS: '0',
} as const;
