import fc from 'fast-check';

/**
 * Any Unicode character, as the unit of `fc.string`. The unit `binary` of fast-check has the same characters, but it first
 * fills a table of all 1,112,064 of them, which takes a second.
 */
export const anyCharacter: fc.Arbitrary<string> = fc
  .nat({ max: 0x10ffff - 0x800 })
  .map((index) => String.fromCodePoint(index < 0xd800 ? index : index + 0x800));
