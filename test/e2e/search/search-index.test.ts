import { describe, expect, it } from '@jest/globals';
import { CatalogWriter } from '../../support/catalog.js';
import { manyCalls, setUpApp } from '../../support/file-app.js';
import { setUpSearchCatalog } from '../../support/search-catalog.js';

const app = setUpApp({ env: manyCalls });
const catalog = setUpSearchCatalog(app);
const { search, findTitles } = catalog;

describe('the search index', () => {
  it('follows every change to a movie, even a change made directly in the database', async () => {
    const movie = await catalog.writer.movie({ title: 'Quokka', people: ['Ada Byron'] });
    await catalog.writer.show(movie, catalog.hallIds['Bonn']!, 120);
    expect(await findTitles('quokka')).toEqual(['Quokka']);
    await app.pool.query(`update movie set title = 'Wombat', genres = '["Nature"]' where id = $1`, [movie]);
    expect(await findTitles('quokka', { spellcheck: 'false' })).toEqual([]);
    expect(await search({ keyword: 'quoka' })).toMatchObject({ items: [], didYouMean: null });
    expect(await findTitles('wombat')).toEqual(['Wombat']);
    expect(await findTitles('nature')).toEqual(['Wombat']);
    expect(await findTitles('byron')).toEqual(['Wombat']);
    await app.pool.query(`update movie set people = '[]' where id = $1`, [movie]);
    expect(await findTitles('byron', { spellcheck: 'false' })).toEqual([]);
  });

  it('is correct after a hall has moved to another cinema, even if a show was being added to the hall at that time', async () => {
    const movie = await catalog.writer.movie({ title: 'Narwhal' });
    const hall = await catalog.writer.hall(await catalog.writer.cinema(catalog.cityIds['Bonn']!));
    await catalog.writer.showIn(hall, movie, 150);
    const [adding, moving] = [await app.pool.connect(), await app.pool.connect()];
    try {
      await adding.query('begin');
      await new CatalogWriter(adding).showIn(hall, movie, 160);
      const moved = moving.query(
        'update hall set cinema_id = (select cinema_id from hall where id = $2) where id = $1',
        [hall, catalog.hallIds['Suva']],
      );
      await adding.query('commit');
      await moved;
    } finally {
      adding.release();
      moving.release();
    }
    expect((await search({ keyword: 'narwhal', city: 'Bonn' })).items).toEqual([]);
    expect((await search({ keyword: 'narwhal', city: 'Suva' })).items).toMatchObject([{ shows: 2 }]);
  });
});
