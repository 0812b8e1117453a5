/** In SQL: a time leaves the database as milliseconds since 1970. MikroORM's connection hands times out as text. */
export const ms = (time: string): string => `(extract(epoch from ${time}) * 1000)::float8`;

/** A time as {@link ms} selects it, as the wire has it. */
export const iso = (time: number): string => new Date(time).toISOString();

/** As {@link iso}, where there may be none. */
export const isoOrNull = (time: number | null): string | null => (time === null ? null : iso(time));
