import { describe, expect, it } from '@jest/globals';
import { type Keyword, keywordQuery } from './keyword.js';

const typed = (folded: string): Keyword => ({
  folded,
  terms: folded.split(' ').flatMap((text) => (text === '' ? [] : [{ text, isWord: true }])),
});

describe('keywordQuery', () => {
  it('takes the last word as far as it is typed, the others whole', () => {
    expect(keywordQuery(typed('jurassic pa'))).toMatchObject({
      all: "'jurassic' & 'pa':*",
      titleWhole: "'jurassic':A & 'pa':A",
      title: "'jurassic':A & 'pa':*A",
      titleAndPeople: "'jurassic':AB & 'pa':*AB",
    });
  });

  it('needs no stop word beside others, and looks for it when it is all there is', () => {
    expect(keywordQuery(typed('lord of the rings'))?.all).toBe("'lord' & 'rings':*");
    expect(keywordQuery(typed('the matrix of'))?.all).toBe("'matrix'");
    expect(keywordQuery(typed('the'))?.all).toBe("'the':*");
  });

  it('takes pairs of characters as they are', () => {
    const terms = ['千と', 'と千'].map((text) => ({ text, isWord: false }));
    expect(keywordQuery({ folded: '千と千', terms })?.all).toBe("'千と' & 'と千'");
  });

  it('knows a title with and without its article', () => {
    expect(keywordQuery(typed('matrix'))?.titles).toContain('the matrix');
    expect(keywordQuery(typed('the matrix'))?.titles).toEqual(expect.arrayContaining(['the matrix', 'matrix']));
  });

  it('is null where nothing can be looked for', () => {
    expect(keywordQuery({ folded: '!?', terms: [] })).toBeNull();
  });
});
