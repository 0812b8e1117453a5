/** The `SESSION_SECRET` of all test services, unless a test sets another. */
export const testSessionSecret = 'a text that signs the sessions of tests';
