import { Logger } from '@nestjs/common';
import type { ClientBase, Pool } from 'pg';

const logger = new Logger('Database');

/**
 * Turns PostgreSQL's JIT off on a new connection. A stock server compiles a search for about 100 ms and then runs it for
 * 25 ms, and it compiled for each row that a trigger wrote.
 *
 * This is a statement, because PgBouncer refuses `options` as a startup parameter.
 */
export async function turnOffJit(client: ClientBase): Promise<void> {
  await client.query('set jit = off');
}

/**
 * Makes JIT off the default of this database user in this database. A pooler in transaction mode shares its connections
 * among the clients, so that {@link turnOffJit} does not reach all of them. Where the user may not do this, searches
 * behind such a pooler stay slow, and the pooler's `connect_query` is the cure.
 */
export async function turnOffJitByDefault(pool: Pool): Promise<void> {
  try {
    await pool.query(`do $$ begin
      if not exists (
        select from pg_db_role_setting s
        join pg_database d on d.oid = s.setdatabase and d.datname = current_database()
        join pg_roles r on r.oid = s.setrole and r.rolname = current_user
        where 'jit=off' = any (s.setconfig)
      ) then
        execute format('alter role current_user in database %I set jit = off', current_database());
      end if;
    end $$`);
  } catch (error) {
    // Another node may have done it at this moment.
    logger.debug({ err: error }, 'could not make "jit = off" the default of the database user');
  }
}
