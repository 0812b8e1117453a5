import type { EntityName, FilterQuery } from '@mikro-orm/core';
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
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

/**
 * Like {@link found}, but locks the row until the transaction ends. So no other call changes it before the audit trail has
 * recorded both its states.
 */
export const foundToChange = <E extends object>(
  em: EntityManager,
  entity: EntityName<E>,
  id: FilterQuery<NoInfer<E>>,
  kind: string,
) => {
  const failHandler = () => createNotFoundError(kind);
  return em.findOneOrFail(entity, id, { failHandler, lockMode: LockMode.PESSIMISTIC_WRITE });
};
