import { expect, it } from '@jest/globals';
import type { Session } from '@usher/contract';
import { SessionKeeper } from './session-keeper.js';
import type { TokenStorage } from './session-types.js';

const session = (token: string): Session => ({
  sessionId: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071',
  token,
  expiresAt: '2026-11-23T18:30:00.000Z',
});

const storageOf = (token: string | null): TokenStorage & { token: string | null } => ({
  token,
  get() {
    return this.token;
  },
  set(kept) {
    this.token = kept;
  },
});

const fail = (): never => {
  throw new Error('SecurityError');
};

it('starts with the given token, or else with the stored token', () => {
  expect(new SessionKeeper(storageOf('kept'), undefined).current?.token).toBe('kept');
  expect(new SessionKeeper(storageOf('kept'), 'given').current?.token).toBe('given');
  expect(new SessionKeeper(storageOf(''), undefined).current).toBeNull();
});

it('creates and stores one session for concurrent callers', async () => {
  const storage = storageOf(null);
  const keeper = new SessionKeeper(storage, undefined);
  let made = 0;
  const create = () => Promise.resolve(session(`made ${++made}`));
  const [one, two] = await Promise.all([keeper.obtain(create), keeper.obtain(create)]);
  expect([one.token, two.token, storage.token]).toEqual(['made 1', 'made 1', 'made 1']);
});

it('creates a session after an earlier attempt failed', async () => {
  const keeper = new SessionKeeper(undefined, undefined);
  await expect(keeper.obtain(() => Promise.reject(new Error('down')))).rejects.toThrow('down');
  expect((await keeper.obtain(() => Promise.resolve(session('made')))).token).toBe('made');
});

it('drops a rejected token only if it is still the current token', () => {
  const storage = storageOf('old');
  const keeper = new SessionKeeper(storage, undefined);
  keeper.adopt(session('new'));
  keeper.drop('old');
  expect([keeper.current?.token, storage.token]).toEqual(['new', 'new']);
  keeper.drop('new');
  expect([keeper.current, storage.token]).toEqual([null, '']);
});

it('gives the next adopted session to a caller that waits for it', async () => {
  const keeper = new SessionKeeper(undefined, undefined);
  const next = keeper.nextAdopted();
  keeper.adopt(session('brought'));
  expect(await next).toEqual({ sessionId: session('').sessionId, token: 'brought' });
});

it('keeps the session in memory if the storage fails', () => {
  const keeper = new SessionKeeper({ get: fail, set: fail }, undefined);
  keeper.adopt(session('new'));
  expect(keeper.current?.token).toBe('new');
});
