import type { ClientConfig } from 'pg';
import type { DatabaseConfig } from '../config/config.js';

/**
 * Returns the options for a connection to the database. Every connection must use them, because they contain the TLS
 * settings.
 */
export function createConnectionOptions(
  databaseUrl: string,
  { databaseTls }: Pick<DatabaseConfig, 'databaseTls'>,
): Pick<ClientConfig, 'connectionString' | 'ssl'> {
  if (databaseTls === null) return { connectionString: databaseUrl };
  const url = new URL(databaseUrl);
  // The driver would ignore `ssl` if the URL had this parameter. With `ssl`, it checks the certificate and the host name.
  url.searchParams.delete('sslmode');
  return { connectionString: url.href, ssl: { ...databaseTls } };
}
