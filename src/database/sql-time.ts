/** In SQL: a time leaves the database as milliseconds since 1970. MikroORM's connection hands times out as text. */
export const toEpochMs = (time: string): string => `(extract(epoch from ${time}) * 1000)::float8`;

/** A time as {@link toEpochMs} selects it, as the wire has it. */
export const toIso = (time: number): string => new Date(time).toISOString();

/** As {@link toIso}, where there may be none. */
export const toIsoOrNull = (time: number | null): string | null => (time === null ? null : toIso(time));
