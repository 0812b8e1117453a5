import type { ClientBase } from 'pg';
import { foldText } from '../catalog/index.js';
import { applyRows, type RowShape, type Tally } from './apply-rows.js';
import type { BadLine } from './bad-line.js';
import { type FoundRow, isReferredTo, resolveLines } from './references.js';
import type { StagedLine } from './staged-lines.js';

/** The result of importing a batch of lines. */
export interface Applied extends Tally {
  readonly bad: readonly BadLine[];
}

const place = { name: ['name', 'text'], lat: ['lat', 'float8'], lon: ['lon', 'float8'] } as const;

const cityShape: RowShape = {
  table: 'city',
  columns: {
    ...place,
    foldedName: ['folded_name', 'text'],
    country: ['country', 'text'],
    timeZone: ['time_zone', 'text'],
  },
};

const cinemaShape: RowShape = {
  table: 'cinema',
  columns: {
    ...place,
    cityId: ['city_id', 'int'],
    address: ['address', 'text'],
    postalCode: ['postal_code', 'text'],
  },
};

const movieShape: RowShape = {
  table: 'movie',
  columns: {
    title: ['title', 'text'],
    originalTitle: ['original_title', 'text'],
    people: ['people', 'jsonb'],
    genres: ['genres', 'jsonb'],
    language: ['language', 'text'],
    durationMinutes: ['duration_minutes', 'int'],
    releaseDate: ['release_date', 'date'],
    synopsis: ['synopsis', 'text'],
    posterUrl: ['poster_url', 'text'],
  },
};

const hallShape: RowShape = {
  table: 'hall',
  columns: { cinemaId: ['cinema_id', 'int'], name: ['name', 'text'], layoutId: ['layout_id', 'int'] },
};

/** The `isGiven` of rows whose lines always contain all fields. */
const always = (): boolean => true;

export async function applyCities(client: ClientBase, lines: readonly StagedLine<'city'>[]): Promise<Applied> {
  const wanted = lines.map(({ ref, body: { ref: _, ...fields } }) => {
    return { ref, fields: { ...fields, foldedName: foldText(fields.name) }, isGiven: always };
  });
  return { ...(await applyRows(client, cityShape, wanted)), bad: [] };
}

export async function applyCinemas(client: ClientBase, lines: readonly StagedLine<'cinema'>[]): Promise<Applied> {
  const { found, bad } = await resolveLines(
    lines,
    'city',
    ({ body }) => ({ ref: body.cityRef, id: body.cityId }),
    (values) => client.query<FoundRow>(`select id, external_ref as ref from city where ${isReferredTo}`, values),
  );
  const wanted = found.map(({ line, row }) => {
    const { ref, cityRef: _, ...fields } = line.body;
    return { ref, fields: { ...fields, cityId: row.id }, isGiven: always };
  });
  return { ...(await applyRows(client, cinemaShape, wanted)), bad };
}

export async function applyMovies(client: ClientBase, lines: readonly StagedLine<'movie'>[]): Promise<Applied> {
  const wanted = lines.map(({ ref, body: { ref: _, ...fields }, given }) => {
    return { ref, fields, isGiven: (field: string) => given.has(field) };
  });
  return { ...(await applyRows(client, movieShape, wanted)), bad: [] };
}

/**
 * Inserts new halls and changes existing halls. Existing shows keep their layout. Shows created later get the hall's
 * new layout.
 */
export async function applyHalls(client: ClientBase, lines: readonly StagedLine<'hall'>[]): Promise<Applied> {
  const { found, bad } = await resolveLines(
    lines,
    'cinema',
    ({ body }) => ({ ref: body.cinemaRef, id: body.cinemaId }),
    (values) => client.query<FoundRow>(`select id, external_ref as ref from cinema where ${isReferredTo}`, values),
  );
  const layoutIds = await layoutsOf(
    client,
    found.map(({ line }) => line),
  );
  const wanted = found.map(({ line: { ref, body }, row }) => {
    return { ref, fields: { cinemaId: row.id, name: body.name, layoutId: layoutIds.get(ref) }, isGiven: always };
  });
  return { ...(await applyRows(client, hallShape, wanted)), bad };
}

/**
 * Returns the layout id of each hall by the hall's ref. A hall keeps its layout if its line describes the same layout.
 * Otherwise the hall gets a new layout. Halls of this import with equal layouts share the new one, because a layout
 * never changes.
 */
async function layoutsOf(client: ClientBase, lines: readonly StagedLine<'hall'>[]): Promise<Map<string, number>> {
  const halls = [lines.map(({ ref }) => ref), lines.map(({ body }) => body.layout)];
  const { rows: kept } = await client.query<{ ref: string; layoutId: number }>(
    `with asked as (
       select ref, hash, hall.layout_id as id from unnest($1::text[], $2::text[]) as l(ref, hash)
       join hall on hall.external_ref = l.ref
     ), equal as (
       select pair.hash, pair.id from (select distinct hash, id from asked) pair
       join import_layout using (hash) join layout on layout.id = pair.id
       where jsonb_build_object('seatCount', layout.seat_count, 'width', layout.width, 'height', layout.height,
         'stage', layout.stage, 'sections', layout.sections, 'seats', layout.seats) = import_layout.layout
     )
     select ref, id as "layoutId" from asked join equal using (hash, id)`,
    halls,
  );
  const layoutIds = new Map(kept.map(({ ref, layoutId }) => [ref, layoutId]));
  const wanting = lines.filter(({ ref }) => !layoutIds.has(ref));
  const made = await makeLayouts(client, [...new Set(wanting.map(({ body }) => body.layout))]);
  for (const { ref, body } of wanting) {
    const layoutId = made.get(body.layout);
    if (layoutId !== undefined) layoutIds.set(ref, layoutId);
  }
  return layoutIds;
}

/** Inserts the layouts that this import has not inserted yet. Returns the ids of all given layouts by their hashes. */
async function makeLayouts(client: ClientBase, hashes: readonly string[]): Promise<Map<string, number>> {
  await client.query(
    `with wanted as (
       select hash, layout, nextval(pg_get_serial_sequence('layout', 'id'))::int as id from import_layout
       where hash = any ($1) and layout_id is null
     ), made as (
       insert into layout (id, seat_count, width, height, stage, sections, seats)
       select id, (layout -> 'seatCount')::int, (layout -> 'width')::float8, (layout -> 'height')::float8,
         nullif(layout -> 'stage', 'null'), layout -> 'sections', layout -> 'seats' from wanted
     )
     update import_layout set layout_id = wanted.id from wanted where import_layout.hash = wanted.hash`,
    [hashes],
  );
  const { rows } = await client.query<{ hash: string; id: number }>(
    'select hash, layout_id as id from import_layout where hash = any ($1)',
    [hashes],
  );
  return new Map(rows.map(({ hash, id }) => [hash, id]));
}
