import { MikroOrmModule } from '@mikro-orm/nestjs';
import { type EntityName, MikroORM, PostgreSqlDriver } from '@mikro-orm/postgresql';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { Pool } from 'pg';
import { CONFIG, type Config } from '../config/config.js';
import { DATABASE_IDENTITY, readIdentity } from './database-identity.js';
import { DatabaseClock } from './database-clock.js';
import { DatabaseSecrets } from './database-secrets.js';
import { ColumnCipher, type SecretColumn } from './column-cipher.js';
import { turnOffJitByDefault } from './jit.js';
import { migrate } from './migrate.js';
import { createOrmOptions } from './orm-options.js';
import { PG_POOL } from './pg-pool.js';
import { encryptStoredSecrets, STORED_SECRETS, type StoredSecrets } from './stored-secrets.js';

/**
 * Provides the connection to PostgreSQL. The module connects and migrates the schema before any other module starts.
 */
@Global()
@Module({})
export class DatabaseModule {
  /**
   * @param entities the entities of all features. The composition root passes them, because this folder must not depend
   * on features.
   * @param secretColumns the columns of these entities that are encrypted
   */
  static with(
    databaseUrl: string,
    entities: readonly EntityName[],
    secretColumns: readonly SecretColumn[],
  ): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        MikroOrmModule.forRootAsync({
          driver: PostgreSqlDriver,
          inject: [CONFIG],
          useFactory: (config: Config) => ({
            ...createOrmOptions(databaseUrl, entities, config),
            // Code that works with entities forks a unit of work itself.
            registerRequestContext: false,
          }),
        }),
      ],
      providers: [
        { provide: PG_POOL, inject: [MikroORM], useFactory: connectPool },
        {
          provide: STORED_SECRETS,
          inject: [PG_POOL, CONFIG],
          useFactory: (pool: Pool, config: Config) => encryptStoredSecrets(pool, secretColumns, config),
        },
        { provide: ColumnCipher, inject: [STORED_SECRETS], useFactory: ({ cipher }: StoredSecrets) => cipher },
        { provide: DATABASE_IDENTITY, inject: [PG_POOL], useFactory: readIdentity },
        DatabaseClock,
        DatabaseSecrets,
      ],
      exports: [PG_POOL, DATABASE_IDENTITY, STORED_SECRETS, ColumnCipher, DatabaseClock, DatabaseSecrets],
    };
  }
}

async function connectPool(orm: MikroORM) {
  // The ORM connects lazily. Without this call, a service without a database would start and fail later.
  await orm.connect();
  const pool = await orm.em.getConnection().getNativeClient();
  await turnOffJitByDefault(pool);
  await migrate(orm, pool);
  return pool;
}
