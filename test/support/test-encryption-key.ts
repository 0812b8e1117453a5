/** The `ENCRYPTION_KEY` of all test services, unless a test sets another. */
export const testEncryptionKey = 'an encryption key for tests only';
