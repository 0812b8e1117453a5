import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { PoolClient } from 'pg';
import { DomainError } from '../../common/domain-error.js';
import type { AnswerCipher } from './answer-cipher.js';

/** A call that came with an idempotency key. */
export interface KeyedCall {
  readonly caller: string;
  readonly key: string;
  readonly requestHash: string;
}

/** The keyed call that is being answered. */
interface RunningCall extends KeyedCall {
  readonly cipher: AnswerCipher;
  /** An earlier attempt was cut short, and may have done all of it. */
  readonly isTakenOver: boolean;
}

const running = new AsyncLocalStorage<RunningCall>();

/** Runs a handler as a keyed call. */
export const runKeyed = <T>(call: RunningCall, handler: () => Promise<T>): Promise<T> => running.run(call, handler);

/** Whether an earlier attempt of the call that is being answered was cut short: what it asks for may be done already. */
export const isTakenOver = (): boolean => running.getStore()?.isTakenOver ?? false;

/** Names a row, so that what it holds is of no use in another one. */
export const nameOf = ({ caller, key }: KeyedCall): string => `${caller} ${key}`;

/** A statement whose parameters are used in their order, once each. */
type Query = (text: string, values: unknown[]) => Promise<readonly { readonly effect: string | null }[]>;

/**
 * Does something once for the idempotency key of the call that is being answered: an attempt that follows one which was
 * cut short gets what that one made. The effect and its note are one transaction, and the row's lock makes attempts that
 * run at the same time wait for each other. Without a key, `make` simply runs.
 *
 * @param client in a transaction
 * @param make its result must survive JSON
 */
export const once = <T>(client: PoolClient, make: () => Promise<T>): Promise<T> =>
  onceBy(async (text, values) => (await client.query<{ effect: string | null }>(text, values)).rows, make);

/** {@link once} in a transaction of MikroORM. */
export const onceByOrm = <T>(em: EntityManager, make: () => Promise<T>): Promise<T> =>
  onceBy((text, values) => em.execute<{ effect: string | null }[]>(text.replaceAll(/\$\d/g, '?'), values), make);

async function onceBy<T>(query: Query, make: () => Promise<T>): Promise<T> {
  const call = running.getStore();
  if (!call) return make();
  const { caller, key, cipher } = call;
  const rows = await query('select effect from idempotency_key where caller = $1 and key = $2 for update', [
    caller,
    key,
  ]);
  const effect = rows[0]?.effect ?? null;
  // What `make` of an earlier attempt made: the request is the same, so its type is.
  if (effect !== null) return decrypted(cipher, effect, nameOf(call)) as T;
  const made = await make();
  await query('update idempotency_key set effect = $1 where caller = $2 and key = $3 returning effect', [
    cipher.encrypt(made, nameOf(call)),
    caller,
    key,
  ]);
  return made;
}

/** @throws DomainError `KEY_REUSED` when it was encrypted with another secret */
export function decrypted(cipher: AnswerCipher, stored: string, boundTo: string): unknown {
  const found = cipher.decrypt(stored, boundTo);
  if (found) return found.value;
  const detail = 'The answer to this key cannot be read any more, because the secret of the service changed.';
  throw new DomainError('KEY_REUSED', `${detail} Nothing was done now: look what the first call did.`, {});
}
