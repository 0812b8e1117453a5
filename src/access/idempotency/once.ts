import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { PoolClient } from 'pg';
import { DomainError } from '../../common/domain-error.js';
import type { AnswerCipher } from './answer-cipher.js';

/** A call with an idempotency key. */
export interface KeyedCall {
  readonly caller: string;
  readonly key: string;
  readonly requestHash: string;
}

/** The keyed call whose handler is running. */
interface RunningCall extends KeyedCall {
  readonly cipher: AnswerCipher;
  /** True if an earlier attempt ended without an answer. That attempt may have completed its effects. */
  readonly isTakenOver: boolean;
}

const running = new AsyncLocalStorage<RunningCall>();

/** Runs a handler in the context of a keyed call. */
export const runKeyed = <T>(call: RunningCall, handler: () => Promise<T>): Promise<T> => running.run(call, handler);

/**
 * Returns true if an earlier attempt at the running call ended without an answer. The effects of that attempt may
 * exist.
 */
export const isTakenOver = (): boolean => running.getStore()?.isTakenOver ?? false;

/** Returns the name of a row. Encrypted values are bound to this name, so they are useless in any other row. */
export const nameOf = ({ caller, key }: KeyedCall): string => `${caller} ${key}`;

/** Runs a statement. Its text must contain every parameter exactly once, in ascending order. */
type Query = (text: string, values: unknown[]) => Promise<readonly { readonly effect: string | null }[]>;

/**
 * Runs `make` at most once for the idempotency key of the running call. If an earlier attempt ran `make` but ended
 * without an answer, this attempt gets the stored result of that run. The effect of `make` and its stored result are
 * committed in one transaction. The lock on the key's row makes simultaneous attempts wait for each other. If the call
 * has no key, `make` always runs.
 *
 * @param client must be in a transaction
 * @param make its result must survive conversion to JSON and back
 */
export const once = <T>(client: PoolClient, make: () => Promise<T>): Promise<T> =>
  onceBy(async (text, values) => (await client.query<{ effect: string | null }>(text, values)).rows, make);

/** Like {@link once}, but in a transaction of MikroORM. */
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
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `make` of an earlier attempt at the same request returned this value
  if (effect !== null) return decrypted(cipher, effect, nameOf(call)) as T;
  const made = await make();
  await query('update idempotency_key set effect = $1 where caller = $2 and key = $3 returning effect', [
    cipher.encrypt(made, nameOf(call)),
    caller,
    key,
  ]);
  return made;
}

/** Decrypts a stored value. @throws DomainError `KEY_REUSED` if it was encrypted with another secret */
export function decrypted(cipher: AnswerCipher, stored: string, boundTo: string): unknown {
  const found = cipher.decrypt(stored, boundTo);
  if (found) return found.value;
  const detail = 'The stored answer of this key cannot be decrypted, because the secret of the service has changed.';
  throw new DomainError('KEY_REUSED', `${detail} This call did nothing. Check the result of the first call.`, {});
}
