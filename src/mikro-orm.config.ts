import { catalogEntities } from './catalog/entities/index.js';
import { ormOptions } from './database/orm-options.js';
import { salesEntities } from './shows/entities/index.js';

/** Every table's entity: the composition root knows them all. */
export const entities = [...catalogEntities, ...salesEntities];

/** For MikroORM's command line only, which is called in the project's folder; the service makes its own. */
export default ormOptions('postgres://usher@127.0.0.1/usher', entities, 'src/database/migrations');
