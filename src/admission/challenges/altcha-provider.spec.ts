import { createSecretKey, type KeyObject } from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { AltchaChallenge } from '@usher/contract';
import { solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { z } from 'zod';
import { AltchaProvider } from './altcha-provider.js';
import { challengeLifeMs, type PosedChallenge } from './challenge-provider.js';

const secret = (text: string): KeyObject => createSecretKey(text.padEnd(32), 'utf8');
const provider = new AltchaProvider([secret('new'), secret('old')], 20);
const subject = { showId: 7, sessionId: '01976d5e-7a5b-7000-8000-000000000001' };

/** Solves a challenge like a client that is not the SDK. */
async function solve({ parameters }: PosedChallenge): Promise<string> {
  const challenge = AltchaChallenge.parse(parameters);
  const solution = await solveChallenge({ challenge, deriveKey });
  if (!solution) throw new Error('the challenge has no solution');
  const { counter, derivedKey } = solution;
  return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
}

const Payload = z.object({
  challenge: AltchaChallenge,
  solution: z.object({ counter: z.number(), derivedKey: z.string() }),
});
type Payload = z.infer<typeof Payload>;

/** Changes the payload of a solution, as an attacker can. */
function tamper(solution: string, change: (payload: Payload) => void): string {
  const payload = Payload.parse(JSON.parse(atob(solution)));
  change(payload);
  return btoa(JSON.stringify(payload));
}

afterEach(() => {
  jest.useRealTimers();
});

describe('a proof of work', () => {
  it('is accepted by every provider that has the secret with which it was signed', async () => {
    const solution = await solve(await provider.create(subject));
    const old = new AltchaProvider([secret('old')], 20);
    const oldSolution = await solve(await old.create(subject));
    const accepts = async (one: AltchaProvider, text: string) => (await one.verify(text, subject)).isSolved;
    expect([await accepts(provider, solution), await accepts(provider, oldSolution)]).toEqual([true, true]);
    expect([await accepts(old, oldSolution), await accepts(old, solution)]).toEqual([true, false]);
  });

  it('expires', async () => {
    const solution = await solve(await provider.create(subject));
    jest.useFakeTimers({
      now: Date.now() + challengeLifeMs - 2000,
      doNotFake: ['performance', 'queueMicrotask', 'setImmediate', 'nextTick'],
    });
    expect(await provider.verify(solution, subject)).toEqual({ isSolved: true });
    jest.setSystemTime(Date.now() + 4000);
    expect(await provider.verify(solution, subject)).toEqual({
      isSolved: false,
      problem: expect.stringContaining('expired'),
    });
  });

  it.each<[string, (payload: Payload) => void, RegExp]>([
    ['a longer life', ({ challenge }) => (challenge.parameters.expiresAt += 86_400), /was changed/],
    ['less work', ({ challenge }) => (challenge.parameters.cost = 1), /was changed/],
    ['an easier prefix', ({ challenge }) => (challenge.parameters.keyPrefix = '00'), /was changed/],
    ['the buyer of another challenge', ({ challenge }) => (challenge.parameters.data.showId = 8), /another session/],
    ['a signature of its own', ({ challenge }) => (challenge.signature = 'a'.repeat(64)), /was changed/],
    [
      'only the known half of the key',
      ({ challenge, solution }) => (solution.derivedKey = challenge.parameters.keyPrefix.repeat(2)),
      /is wrong/,
    ],
    ['a key that no solver writes', ({ solution }) => (solution.derivedKey = ''), /is wrong/],
  ])('is refused with %s', async (_, change, problem) => {
    const solution = await solve(await provider.create(subject));
    expect(await provider.verify(tamper(solution, change), subject)).toEqual({
      isSolved: false,
      problem: expect.stringMatching(problem),
    });
  });

  it('is refused for another show even if the attacker rewrites the show in the challenge', async () => {
    const solution = await solve(await provider.create(subject));
    const rewritten = tamper(solution, ({ challenge }) => (challenge.parameters.data.showId = 8));
    expect(await provider.verify(rewritten, { ...subject, showId: 8 })).toMatchObject({ isSolved: false });
  });

  it.each(['', '%%%', btoa('null'), btoa('{}'), btoa('{"challenge":{"parameters":{}}}')])('is no %p', async (text) => {
    expect(await provider.verify(text, subject)).toEqual({
      isSolved: false,
      problem: expect.stringContaining('Base64'),
    });
  });
});
