import { randomBytes } from 'node:crypto';
import { accessCodeAlphabet, accessCodeRandomLength, completeAccessCode } from '@usher/contract';

/** All lower bytes can be reduced to a character without making some characters more likely than others. */
const usableBytes = 256 - (256 % accessCodeAlphabet.length);

/** Creates a random access code. */
export function createAccessCode(): string {
  let random = '';
  while (random.length < accessCodeRandomLength) {
    for (const byte of randomBytes(2 * accessCodeRandomLength)) {
      if (byte < usableBytes && random.length < accessCodeRandomLength) {
        random += accessCodeAlphabet[byte % accessCodeAlphabet.length];
      }
    }
  }
  return completeAccessCode(random);
}
