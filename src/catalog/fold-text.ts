/**
 * Letters that Unicode does not decompose into a base letter and a mark, each with the plain letters that people type
 * for it.
 */
const plain: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  æ: 'ae',
  œ: 'oe',
  ß: 'ss',
  ı: 'i',
};

/** Converts a name for comparison: lower case, no accents, single spaces. For example, `København` becomes `kobenhavn`. */
export const foldText = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{Mark}/gu, '')
    .replaceAll(/[øłđðþæœßı]/g, (letter) => plain[letter] ?? letter)
    .replaceAll(/\s+/g, ' ')
    .trim();
