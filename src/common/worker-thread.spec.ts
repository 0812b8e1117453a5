import { threadId } from 'node:worker_threads';
import { expect, it } from '@jest/globals';
import { WorkerThread } from './worker-thread.js';

const echo = () => new WorkerThread<string>('worker-thread.fixture', import.meta.url);

/** What was echoed, and by which thread. */
async function ask(thread: WorkerThread<string>, order: string): Promise<[string, number]> {
  const [text = '', by] = (await thread.run(order)).toString().split(' ');
  return [text, Number(by)];
}

it('answers each order with what became of it, from a thread of its own', async () => {
  const thread = echo();
  const answers = await Promise.all(['a', 'b', 'c'].map((order) => ask(thread, order)));
  expect(answers.map(([text]) => text)).toEqual(['a', 'b', 'c']);
  const [by] = new Set(answers.map(([, one]) => one));
  expect(by).not.toBe(threadId);
});

it('tells what an order failed with, and does the next one all the same', async () => {
  const thread = echo();
  const [failed, next] = await Promise.allSettled([thread.run('throw'), ask(thread, 'b')]);
  expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'told to' } });
  expect(next).toMatchObject({ status: 'fulfilled', value: ['b', expect.any(Number)] });
});

it('refuses what would wait too long', async () => {
  const thread = echo();
  const answers = await Promise.allSettled(Array.from({ length: 80 }, () => thread.run('a')));
  const refused = answers.filter(({ status }) => status === 'rejected');
  expect(refused.length).toBeGreaterThan(20);
  expect(refused[0]).toMatchObject({ reason: { body: { code: 'BUSY' } } });
  expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(50);
});
