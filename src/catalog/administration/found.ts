import type { EntityName, FilterQuery } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { createNotFoundError } from '../../common/domain-error.js';

/**
 * Returns the entity with an id. @param kind the kind of the entity, for example `show` @throws DomainError `NOT_FOUND`
 */
export const found = <E extends object>(
  em: EntityManager,
  entity: EntityName<E>,
  id: FilterQuery<NoInfer<E>>,
  kind: string,
) => em.findOneOrFail(entity, id, { failHandler: () => createNotFoundError(kind) });
