import type { Pool } from 'pg';

/** Nest's token for the identity that the database had when this node started: a UUID. */
export const DATABASE_IDENTITY = Symbol('DatabaseIdentity');

/**
 * Which database this is: a UUID, made by a migration. Nodes put it into every Redis channel and message, so that
 * installations that share a Redis do not hear each other.
 */
export async function readIdentity(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ identity: string }>('select identity from database_identity');
  const [row] = rows;
  if (!row) throw new Error('database_identity has no row: `npm run migrate -- --new-identity` makes one');
  return row.identity;
}

/** Gives the database a new identity. @returns both; `before` is null when the row was missing */
export async function renewIdentity(pool: Pool): Promise<{ before: string | null; after: string }> {
  // `old` is the row before the change, because all parts of a statement read the tables as of one moment.
  const { rows } = await pool.query<{ before: string | null; after: string }>(
    `with old as (select identity from database_identity), new as (
       insert into database_identity default values
       on conflict (is_only) do update set identity = gen_random_uuid(), made_at = now() returning identity
     ) select (select identity from old) as before, identity as after from new`,
  );
  return rows[0]!;
}
