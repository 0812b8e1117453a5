import type { EntityName, FilterQuery } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { createNotFoundError } from '../../common/domain-error.js';

/** Returns the entity with an id. @param what its name in the contract @throws DomainError `NOT_FOUND` */
export const found = <E extends object>(
  em: EntityManager,
  entity: EntityName<E>,
  id: FilterQuery<NoInfer<E>>,
  what: string,
) => em.findOneOrFail(entity, id, { failHandler: () => createNotFoundError(what) });
