import { Logger } from '@nestjs/common';
import type { ClientBase, Pool } from 'pg';

const logger = new Logger('Database');

/**
 * Turns off PostgreSQL's JIT on a new connection. With the default settings, PostgreSQL needs about 100 ms to compile a
 * search that then runs for 25 ms. It also compiled code for each row that a trigger wrote.
 *
 * A statement changes the setting, because PgBouncer refuses `options` as a startup parameter.
 */
export async function turnOffJit(client: ClientBase): Promise<void> {
  await client.query('set jit = off');
}

/**
 * Turns off JIT by default for this database user in this database. A pooler in transaction mode shares its connections
 * among its clients, so {@link turnOffJit} does not reach all connections. If the user lacks the right to change the
 * default, searches behind such a pooler stay slow. Operators can then set the pooler's `connect_query`.
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
    // The statement can also fail because another node changes the default at the same moment.
    logger.debug(
      { err: error },
      'could not turn off JIT by default for the database user; searches behind a pooler may be slow',
    );
  }
}
