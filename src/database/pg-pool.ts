/**
 * The injection token of the `pg.Pool` that MikroORM's connection uses. Statements with arrays and prepared statements
 * use the pool directly. There, a prepared statement takes 0.04 ms of CPU time. `em.findOne` takes 0.36 ms.
 */
export const PG_POOL = Symbol('PgPool');
