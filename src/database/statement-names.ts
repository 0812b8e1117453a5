import type { Pool } from 'pg';

/**
 * Sends every statement of a pool's clients without its name, to be parsed anew. A pooler in transaction mode that does
 * not keep track of names (PgBouncer before 1.21, or with `max_prepared_statements` 0) gives each transaction any
 * connection, on which the name means nothing, or something else.
 */
export function removeStatementNames(pool: Pool): void {
  pool.on('connect', (client) => {
    const query = client.query.bind(client);
    const unnamed = (config: unknown, ...more: unknown[]): unknown =>
      Reflect.apply(query, undefined, [isNamed(config) ? { ...config, name: undefined } : config, ...more]);
    Object.assign(client, { query: unnamed });
  });
}

function isNamed(config: unknown): config is { name: string } {
  return typeof config === 'object' && config !== null && 'name' in config && !('submit' in config);
}
