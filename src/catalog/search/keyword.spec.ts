import { describe, expect, it } from '@jest/globals';
import { type Keyword, keywordQuery } from './keyword.js';

const typed = (folded: string): Keyword => ({
  folded,
  terms: folded.split(' ').flatMap((text) => (text === '' ? [] : [{ text, isWord: true }])),
});

describe('keywordQuery', () => {
  it('matches the last word as a prefix and all other words as whole words', () => {
    expect(keywordQuery(typed('jurassic pa'))).toMatchObject({
      all: "'jurassic' & 'pa':*",
      titleWhole: "'jurassic':A & 'pa':A",
      title: "'jurassic':A & 'pa':*A",
      titleAndPeople: "'jurassic':AB & 'pa':*AB",
    });
  });

  it('requires a stop word only if the keyword has no other words', () => {
    expect(keywordQuery(typed('lord of the rings'))?.all).toBe("'lord' & 'rings':*");
    expect(keywordQuery(typed('the matrix of'))?.all).toBe("'matrix'");
    expect(keywordQuery(typed('the'))?.all).toBe("'the':*");
  });

  it('matches pairs of characters exactly', () => {
    const terms = ['千と', 'と千'].map((text) => ({ text, isWord: false }));
    expect(keywordQuery({ folded: '千と千', terms })?.all).toBe("'千と' & 'と千'");
  });

  it('matches a title with and without its article', () => {
    expect(keywordQuery(typed('matrix'))?.titles).toContain('the matrix');
    expect(keywordQuery(typed('the matrix'))?.titles).toEqual(expect.arrayContaining(['the matrix', 'matrix']));
  });

  it('returns null if the keyword has no terms', () => {
    expect(keywordQuery({ folded: '!?', terms: [] })).toBeNull();
  });
});
