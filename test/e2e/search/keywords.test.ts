import { describe, expect, it } from '@jest/globals';
import { manyCalls, setUpApp } from '../../support/file-app.js';
import { readTitles, searchMovies, setUpSearchCatalog } from '../../support/search-catalog.js';

const app = setUpApp({ env: manyCalls });
const catalog = setUpSearchCatalog(app);
const { search, findTitles } = catalog;

describe('a keyword', () => {
  it.each([
    ['godfather', 'The Godfather'],
    ['THE GODFATHER', 'The Godfather'],
    ['amelie', 'Amélie'],
    ['AMÉLIE', 'Amélie'],
    ['Ame\u0301lie', 'Amélie'],
    ['fabuleux destin', 'Amélie'],
    ['strasse sehnsucht', 'Straße der Sehnsucht'],
    ['千と千尋の神隠し', 'Spirited Away'],
    ['千尋', 'Spirited Away'],
    ['神', 'Spirited Away'],
    ['宮崎', 'Spirited Away'],
    ['기생', 'Parasite'],
    ['сталкер', 'Сталкер'],
    ['ТАРКОВСКИЙ', 'Сталкер'],
    ['spiderman', 'Spider-Man: No Way Home'],
    ['spider man', 'Spider-Man: No Way Home'],
    ['spider-man', 'Spider-Man: No Way Home'],
    ['oceans eleven', "Ocean's Eleven"],
    ["ocean's", "Ocean's Eleven"],
    ['ocean’s', "Ocean's Eleven"],
    ['wall-e', 'WALL·E'],
    ['walle', 'WALL·E'],
    ['clooney george', "Ocean's Eleven"],
    ['soren agard', "Ocean's Eleven"],
    ['carrie anne moss', 'The Matrix'],
    ['horror', 'It'],
    ['scifi', 'The Matrix'],
  ])('such as "%s" finds the movie "%s"', async (keyword, title) => {
    const answer = await search({ keyword });
    expect(readTitles(answer)[0]).toBe(title);
    expect(answer.didYouMean).toBeNull();
  });

  it.each([
    ['j', 'Jurassic Park'],
    ['jur', 'Jurassic Park'],
    ['jurassic p', 'Jurassic Park'],
    ['mulh', 'Mulholland Drive'],
    ['the godf', 'The Godfather'],
    ['fra', 'The Godfather'],
  ])('that is not complete yet, such as "%s", finds the movie "%s"', async (keyword, title) => {
    expect(await findTitles(keyword)).toContain(title);
  });

  it('finds only movies that match all of its words, except for stop words', async () => {
    expect(await findTitles('the matrix of')).toContain('The Matrix');
    expect(await findTitles('a jurassic park')).toEqual(['Jurassic Park']);
    expect(await findTitles('jurassic matrix')).toEqual([]);
  });

  it('that is just a stop word or a letter finds first the title that is equal to it', async () => {
    expect((await findTitles('it'))[0]).toBe('It');
    expect((await findTitles('us'))[0]).toBe('Us');
    expect((await findTitles('M'))[0]).toBe('M');
    expect(await findTitles('the')).toEqual(
      expect.arrayContaining(['The Matrix', 'The Godfather', 'The Matrix Reloaded']),
    );
  });

  it('ranks matches in the title before matches in people, and those before matches in genres', async () => {
    expect((await findTitles('matrix')).slice(0, 2)).toEqual(['The Matrix', 'The Matrix Reloaded']);
    const crime = await findTitles('crime');
    expect(crime[0]).toBe('Crime and Punishment');
    expect(new Set(crime)).toEqual(new Set(['Crime and Punishment', 'The Godfather', "Ocean's Eleven"]));
  });

  it('without letters or digits finds nothing, and an empty keyword finds everything', async () => {
    for (const nothing of ['!?', '…', '💥', '%', "';--"]) expect(await findTitles(nothing)).toEqual([]);
    expect((await search({ keyword: '  ', limit: 100 })).items).toHaveLength(searchMovies.length);
  });

  it('may contain two hundred characters, operators and quotes', async () => {
    for (const keyword of [
      'x'.repeat(200),
      "matrix' & !godfather",
      'matrix:*',
      '\\',
      '"',
      '(',
      '<->',
      '😀'.repeat(100),
    ]) {
      await search({ keyword: keyword });
    }
    expect(await findTitles("matrix' & reloaded")).toEqual(['The Matrix Reloaded']);
  });
});

describe('a misspelt keyword', () => {
  it.each([
    ['matirx', 'matrix', 'The Matrix'],
    ['godfahter', 'godfather', 'The Godfather'],
    ['jurasic park', 'jurassic park', 'Jurassic Park'],
    ['jurrasic prak', 'jurassic park', 'Jurassic Park'],
    ['speilberg', 'spielberg', 'Jurassic Park'],
    ['amelei', 'amelie', 'Amélie'],
    ['сталкир', 'сталкер', 'Сталкер'],
    ['the matrxi', 'the matrix', 'The Matrix'],
    ['mulhollnad', 'mulholland', 'Mulholland Drive'],
  ])('"%s" is read as "%s" and finds "%s"', async (keyword, meant, title) => {
    const answer = await search({ keyword });
    expect({ meant: answer.didYouMean, first: readTitles(answer)[0] }).toEqual({ meant, first: title });
  });

  it('that resembles no word finds nothing', async () => {
    for (const keyword of ['qwzx', 'godfat herr', 'jurasic zzzzz']) {
      expect(await search({ keyword })).toEqual({ items: [], nextCursor: null, didYouMean: null });
    }
  });

  it('finds nothing if the caller turns the spell check off', async () => {
    expect(await search({ keyword: 'matirx', spellcheck: 'false' })).toEqual({
      items: [],
      nextCursor: null,
      didYouMean: null,
    });
  });

  it('is corrected to a word of a movie that plays in the requested city', async () => {
    const similarMovieId = await catalog.writer.movie({ title: 'Matriz' });
    await catalog.writer.show(similarMovieId, catalog.hallIds['Bonn']!);
    expect(await search({ keyword: 'matrixx', city: 'Bonn' })).toMatchObject({ didYouMean: 'matriz' });
    expect(await search({ keyword: 'matrixx', city: 'Köln' })).toMatchObject({ didYouMean: 'matrix' });
    await app.pool.query('delete from show where movie_id = $1', [similarMovieId]);
    await app.pool.query('delete from movie where id = $1', [similarMovieId]);
  });
});
