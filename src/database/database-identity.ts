import type { Pool } from 'pg';

/** The injection token of the database's identity, a UUID that this node read when it started. */
export const DATABASE_IDENTITY = Symbol('DatabaseIdentity');

/**
 * Reads the identity of the database: a UUID that a migration created. Nodes put it into every Redis channel and
 * message, so that installations which share a Redis do not receive each other's messages.
 */
export async function readIdentity(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ identity: string }>('select identity from database_identity');
  const [row] = rows;
  if (!row) throw new Error('database_identity has no row; create one with `npm run migrate -- --new-identity`');
  return row.identity;
}

/**
 * Gives the database a new identity.
 *
 * @returns the old and the new identity; `before` is null if the database had none
 */
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
