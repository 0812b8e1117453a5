import { Migration } from '@mikro-orm/migrations';

/**
 * Character ranges of scripts without spaces between words. The search indexes each pair of neighbouring characters of
 * them.
 */
const unspaced = String.raw`\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3007\u3040-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff`;

/**
 * Characters that separate words. They are listed as ranges, because character classes depend on the database's locale.
 */
const between = String.raw`\u0001-/:-@\[-\u0060{-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u303f\u30fb\ufe00-\ufe0f\ufe30-\ufe4f\U0001f000-\U0001faff`;

const marks = String.raw`\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f`;

/** Adds the search: terms and words of movies, the cinema of each show, and tallies. Triggers keep them up to date. */
export class Migration20261127031500 extends Migration {
  override name = 'Migration20261127031500';

  override up(): void | Promise<void> {
    this.addSql('create extension if not exists pg_trgm;');
    this.texts();
    this.tables();
    this.movieTriggers();
    this.showTriggers();
    this.addSql('update movie set title = title;');
    this.addSql('update show set hall_id = hall_id;');
  }

  private texts(): void {
    // In the locale C, `lower` knows only ASCII. So the capital letters of Greek and Cyrillic are listed here.
    this.addSql(`create function folded_text(value text) returns text language sql immutable strict parallel safe as $$
      select btrim(regexp_replace(normalize(regexp_replace(
        replace(replace(replace(replace(translate(lower(normalize(value, NFKD)),
          'ÆŒÞẞØŁĐÐøłđðıΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩςАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ',
          'æœþßolddolddiαβγδεζηθικλμνξοπρστυφχψωσабвгдежзийклмнопрстуфхцчшщъыьэюя'),
          'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), 'ß', 'ss'),
        '[${marks}]+', '', 'g'), NFKC), '\\s+', ' ', 'g'))
    $$;`);
    this.addSql(
      `comment on function folded_text is 'A text as a search compares it: lower case, without accents, one space between words';`,
    );

    this.addSql(`create function search_terms(value text) returns table (term text, kind text, place int)
      language sql immutable strict parallel safe as $$
      with chunk as (
        select n, text from regexp_split_to_table(folded_text(value), ' ') with ordinality as c(text, n)
      ), run as (
        select row_number() over (order by chunk.n, r.n)::int as place, chunk.n as chunk, r.found[1] as text,
          r.found[1] ~ '^[${unspaced}]' as unspaced
        from chunk cross join lateral
          regexp_matches(chunk.text, '[${unspaced}]+|[^${unspaced}${between}]+', 'g') with ordinality as r(found, n)
      )
      select left(text, 64), 'word', place from run where not unspaced
      union all
      select text, 'pair', place from run where unspaced and length(text) = 1
      union all
      select substr(text, i, 2), 'pair', place from run cross join generate_series(1, length(text) - 1) i where unspaced
      union all
      select substr(text, i, 1), 'single', place from run cross join generate_series(1, length(text)) i
      where unspaced and length(text) > 1
      union all
      select left(string_agg(text, '' order by place), 64), 'joined', min(place) from run where not unspaced
      group by chunk having count(*) > 1
    $$;`);
    this.addSql(
      `comment on function search_terms is 'Terms of a text: words and pairs (of scripts without spaces) are what a search for it looks for; single characters and parts joined (spiderman for Spider-Man) are found too. Place: of the word in the text, from 1';`,
    );
  }

  private tables(): void {
    this.addSql(
      `create table "movie_search" ("movie_id" int not null, "folded_title" text not null, "folded_original_title" text null, "terms" tsvector not null, primary key ("movie_id"));`,
    );
    this.addSql(
      `comment on table "movie_search" is 'What searches find movies by; kept by a trigger of movie, written by nothing else';`,
    );
    this.addSql(`comment on column "movie_search"."terms" is 'titles A, people B, genres C';`);
    this.addSql(`create index movie_search_terms on movie_search using gin (terms);`);
    this.addSql(
      `create index movie_search_by_title on movie_search ((left(folded_title, 200) collate "C"), movie_id);`,
    );
    this.addSql(
      `create table "movie_word" ("movie_id" int not null, "word" text not null, primary key ("movie_id", "word"));`,
    );
    this.addSql(
      `comment on table "movie_word" is 'Words that a misspelt one may have meant; kept by a trigger of movie, written by nothing else';`,
    );
    this.addSql(`create index movie_word_like on movie_word using gin (word gin_trgm_ops);`);
    this.addSql(
      `create table "movie_tally" ("movie_id" int not null, "shows" int not null default 0, "cinemas" int not null default 0, "score" int not null default 0, "score_before" int not null default 0, "scored_in" xid8 null, "scored_at" timestamptz(3) null, primary key ("movie_id"));`,
    );
    this.addSql(
      `comment on table "movie_tally" is 'Coming shows of each movie, their cinemas and its popularity, counted every few minutes';`,
    );
    this.addSql(
      `comment on column "movie_tally"."score" is 'popularity: seats taken of its coming shows, plus the shows';`,
    );
    this.addSql(
      `comment on column "movie_tally"."score_before" is 'the score before the last count, for pages of a search begun then';`,
    );
    this.addSql(
      `comment on column "movie_tally"."scored_in" is 'the transaction of the last count; null: never counted';`,
    );
    this.addSql(`create index movie_tally_by_score on movie_tally (score desc, movie_id);`);
    this.addSql(`create index movie_tally_by_score_before on movie_tally (score_before desc, movie_id);`);
    for (const table of ['movie_search', 'movie_word', 'movie_tally']) {
      this.addSql(
        `alter table "${table}" add constraint "${table}_movie_id_foreign" foreign key ("movie_id") references "movie" ("id") on update cascade on delete cascade;`,
      );
    }

    // The similarity threshold is a setting of the function. The index above has already loaded the extension that
    // defines the setting. If two letters of a short word are exchanged, hardly any trigram matches. So the function
    // also searches the words with two letters exchanged.
    this.addSql(`create function similar_words(wanted text) returns table (word text, movies int)
      language sql stable strict set pg_trgm.similarity_threshold = 0.15 as $$
      with exchanged as (
        select array_agg(overlay(wanted placing reverse(substr(wanted, i, 2)) from i for 2)) as words
        from generate_series(1, length(wanted) - 1) i
      )
      select movie_word.word, count(*)::int from movie_word
      where movie_word.word % wanted or movie_word.word = any ((select words from exchanged)::text[])
      group by movie_word.word
      order by movie_word.word = any ((select words from exchanged)::text[]) desc,
        similarity(movie_word.word, wanted) desc, count(*) desc, movie_word.word
      limit 40
    $$;`);

    this.addSql(
      `alter table "show" add "cinema_id" int not null default 0, add "added_in" xid8 not null default pg_current_xact_id();`,
    );
    this.addSql(`comment on column "show"."cinema_id" is 'the hall''s; kept by triggers';`);
    this.addSql(
      `comment on column "show"."added_in" is 'the transaction that added it: pages of a search see the shows that its first one saw';`,
    );
    this.addSql(`drop index "show_movie_id_starts_at";`);
    this.addSql(
      `create index show_movie_id_starts_at on show (movie_id, starts_at) include (cinema_id, called_off_at);`,
    );
    this.addSql(
      `create index show_cinema_id_starts_at on show (cinema_id, starts_at) include (movie_id, called_off_at);`,
    );

    this.addSql(`create index "cinema_lat_lon" on "cinema" ("lat", "lon");`);
    this.addSql(`create index cinema_postal_code on cinema (upper(regexp_replace(postal_code, '[\\s-]', '', 'g')));`);
    this.addSql(`create index city_name_like on city using gin (folded_name gin_trgm_ops);`);
  }

  private movieTriggers(): void {
    this.addSql(`create function movie_terms(value text, weight text) returns tsvector
      language sql immutable parallel safe as $$
      select coalesce(string_agg(distinct quote_literal(term) || ':1' || weight, ' ')::tsvector, '')
      from search_terms(value)
    $$;`);
    this.addSql(`create function keep_movie_search() returns trigger language plpgsql as $$
      declare
        titles text := concat_ws(' ', new.title, new.original_title);
        people text := (select string_agg(person ->> 'name', ' ') from jsonb_array_elements(new.people) person);
        genres text := (select string_agg(genre, ' ') from jsonb_array_elements_text(new.genres) genre);
      begin
        insert into movie_search (movie_id, folded_title, folded_original_title, terms)
        values (new.id, folded_text(new.title), folded_text(new.original_title),
          movie_terms(titles, 'A') || movie_terms(people, 'B') || movie_terms(genres, 'C'))
        on conflict (movie_id) do update set folded_title = excluded.folded_title,
          folded_original_title = excluded.folded_original_title, terms = excluded.terms;
        delete from movie_word where movie_id = new.id;
        insert into movie_word (movie_id, word)
        select distinct new.id, term from search_terms(concat_ws(' ', titles, people, genres))
        where kind in ('word', 'joined') and length(term) > 2;
        insert into movie_tally (movie_id) values (new.id) on conflict do nothing;
        return null;
      end
    $$;`);
    this.addSql(`create trigger movie_search after insert or update of title, original_title, people, genres on movie
      for each row execute function keep_movie_search();`);
  }

  private showTriggers(): void {
    // The trigger locks the hall. So another transaction that moves the hall waits, then finds this show and moves it
    // too.
    this.addSql(`create function keep_show_cinema() returns trigger language plpgsql as $$
      begin
        -- Without a hall there is no cinema either; the foreign key says so when the row is in.
        new.cinema_id := coalesce((select cinema_id from hall where id = new.hall_id for share), 0);
        return new;
      end
    $$;`);
    this.addSql(`create trigger show_cinema before insert or update of hall_id, cinema_id on show
      for each row execute function keep_show_cinema();`);
    this.addSql(`create function move_shows_of_hall() returns trigger language plpgsql as $$
      begin
        update show set cinema_id = new.cinema_id where hall_id = new.id;
        return null;
      end
    $$;`);
    this.addSql(`create trigger hall_cinema after update of cinema_id on hall
      for each row when (old.cinema_id <> new.cinema_id) execute function move_shows_of_hall();`);
  }

  override down(): void | Promise<void> {
    this.addSql(
      'drop trigger hall_cinema on hall; drop trigger show_cinema on show; drop trigger movie_search on movie;',
    );
    this.addSql('drop function move_shows_of_hall, keep_show_cinema, keep_movie_search, movie_terms, similar_words;');
    this.addSql('drop index city_name_like, cinema_postal_code, cinema_lat_lon, show_movie_id_starts_at;');
    this.addSql('alter table show drop column cinema_id, drop column added_in;');
    this.addSql('create index "show_movie_id_starts_at" on "show" ("movie_id", "starts_at");');
    this.addSql('drop table movie_search, movie_word, movie_tally;');
    this.addSql('drop function search_terms, folded_text;');
  }
}
