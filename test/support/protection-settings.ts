/**
 * Settings that switch the protection against bots off. Most tests act like bots: thousands of sessions of one address hold
 * seats and give them back at machine speed. The tests of the protection set their own values.
 */
export const unprotected = {
  ADDRESS_SEATS_MAX: '0',
  ADDRESS_PLACES_MAX: '0',
  KEY_SEATS_MAX: '0',
  KEY_PLACES_MAX: '0',
  SOCKETS_PER_ADDRESS_FREE: '1000000',
  RISK_CHALLENGE_SCORE: '101',
  RISK_SLOW_SCORE: '101',
  RISK_REFUSE_SCORE: '101',
  COOL_DOWN_SECONDS: '0',
  COOL_DOWN_SAME_SEATS_SECONDS: '0',
} as const;

/** Settings that restore the defaults of the protection. An empty variable counts as unset. */
export const defaultProtection = {
  ADDRESS_SEATS_MAX: '',
  ADDRESS_PLACES_MAX: '',
  KEY_SEATS_MAX: '',
  KEY_PLACES_MAX: '',
  SOCKETS_PER_ADDRESS_FREE: '',
  RISK_CHALLENGE_SCORE: '',
  RISK_SLOW_SCORE: '',
  RISK_REFUSE_SCORE: '',
  COOL_DOWN_SECONDS: '',
  COOL_DOWN_SAME_SEATS_SECONDS: '',
} as const;
