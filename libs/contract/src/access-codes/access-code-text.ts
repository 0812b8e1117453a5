import { z } from 'zod';
import { textSchema } from '../values/texts.js';

/**
 * The characters of a created code. They are those of a booking's code: there are no vowels, so no code reads as a
 * word, and no `0`, `1` or `L`, because people confuse these with other characters.
 */
export const accessCodeAlphabet = 'BCDFGHJKMNPQRSTVWXYZ23456789';

/** Number of random characters of a created code. They have 86 bits. */
export const accessCodeRandomLength = 18;

/** Number of characters of a created code, without its hyphens. The last two detect typing errors. */
export const accessCodeLength = accessCodeRandomLength + 2;

/** Number of characters between two hyphens. */
const groupLength = 5;

/**
 * The largest prime that two characters can represent. The check characters are the number that the random characters
 * form, modulo this prime. So they detect every wrong character and every two characters that change their places.
 */
const checkModulus = 773;

/** Minimum and maximum number of letters and digits of a code that the organiser chose. */
const chosenLength = { min: 8, max: 40 };

const ignoredCharacters = /[\s\p{Pd}\p{Cf}]/gu;

/** Returns a code in the form in which codes are compared. Case, spaces and hyphens do not matter. */
export const normalizeAccessCode = (text: string): string =>
  text.normalize('NFKC').replaceAll(ignoredCharacters, '').toUpperCase();

/** Completes random characters of {@link accessCodeAlphabet} to a code, for example `BCDFG-HJKMN-PQRST-VWXYZ`. */
export function completeAccessCode(random: string): string {
  const characters = random + checkCharactersOf(random);
  return (characters.match(new RegExp(`.{${groupLength}}`, 'g')) ?? []).join('-');
}

/** Returns true if a text has the form of a created code but contains a typing error. */
export function isMistypedAccessCode(text: string): boolean {
  const code = normalizeAccessCode(text);
  if (!hasCreatedForm(code)) return false;
  const random = code.slice(0, accessCodeRandomLength);
  return code !== random + checkCharactersOf(random);
}

function checkCharactersOf(random: string): string {
  let rest = 0;
  for (const character of random) {
    rest = (rest * accessCodeAlphabet.length + accessCodeAlphabet.indexOf(character)) % checkModulus;
  }
  const { length } = accessCodeAlphabet;
  return `${accessCodeAlphabet[Math.floor(rest / length)]}${accessCodeAlphabet[rest % length]}`;
}

const hasCreatedForm = (code: string): boolean =>
  code.length === accessCodeLength && Array.from(code).every((character) => accessCodeAlphabet.includes(character));

/** A code that a person typed or that came with a link. */
export const AccessCodeText = textSchema(128)
  .min(1)
  .meta({ description: 'The access code. Case, spaces and hyphens do not matter', example: 'FANCLUB2026' });

/** A code that the organiser chose, such as a word that the members of a club know. */
export const ChosenAccessCode = textSchema(128)
  .refine((text) => /^[\p{L}\p{N}]*$/u.test(normalizeAccessCode(text)), 'must consist of letters, digits and hyphens')
  .refine((text) => {
    const { length } = normalizeAccessCode(text);
    return length >= chosenLength.min && length <= chosenLength.max;
  }, `must have ${chosenLength.min} to ${chosenLength.max} letters and digits`)
  .refine(
    (text) => !hasCreatedForm(normalizeAccessCode(text)),
    `must not look like a created code: use a vowel, or not exactly ${accessCodeLength} characters`,
  )
  .meta({ description: 'A chosen code that several buyers share', example: 'FANCLUB2026' });

export type AccessCodeText = z.infer<typeof AccessCodeText>;
