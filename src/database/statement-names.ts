import type { Pool } from 'pg';

/**
 * Removes the names of all statements of a pool, so that PostgreSQL parses a statement each time it runs. Some poolers
 * in transaction mode do not keep track of names (PgBouncer before 1.21, or with `max_prepared_statements` 0). They run
 * each transaction on any connection. There, the name may be unknown or may belong to a different statement.
 */
export function removeStatementNames(pool: Pool): void {
  pool.on('connect', (client) => {
    const query = client.query.bind(client);
    const queryUnnamed = (config: unknown, ...more: unknown[]): unknown =>
      Reflect.apply(query, undefined, [isNamed(config) ? { ...config, name: undefined } : config, ...more]);
    Object.assign(client, { query: queryUnnamed });
  });
}

function isNamed(config: unknown): config is { name: string } {
  return typeof config === 'object' && config !== null && 'name' in config && !('submit' in config);
}
