import type { Pool } from 'pg';

/** Returns all rows of all tables as text, by table. It contains what a dump of the database would contain. */
export async function readDatabaseText(pool: Pool): Promise<Map<string, string>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' order by tablename`,
  );
  const texts = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(`select t::text as row from ${name} t`);
    texts.set(name, rows.map(({ row }) => row).join('\n'));
  }
  return texts;
}

/** Returns the tables that contain at least one of the texts. */
export async function tablesWith(pool: Pool, texts: readonly string[]): Promise<string[]> {
  const all = await readDatabaseText(pool);
  return [...all].filter(([, rows]) => texts.some((text) => rows.includes(text))).map(([name]) => name);
}
