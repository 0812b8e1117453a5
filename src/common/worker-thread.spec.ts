import { threadId } from 'node:worker_threads';
import { expect, it } from '@jest/globals';
import { WorkerThread } from './worker-thread.js';

const startEcho = () => new WorkerThread<string>('worker-thread.fixture', import.meta.url);

/** Runs a task. @returns the text of the answer and the number of the thread that answered */
async function ask(thread: WorkerThread<string>, task: string): Promise<[string, number]> {
  const [text = '', by] = (await thread.run(task)).toString().split(' ');
  return [text, Number(by)];
}

it('runs tasks on a separate thread and returns their results', async () => {
  const worker = startEcho();
  const answers = await Promise.all(['a', 'b', 'c'].map((task) => ask(worker, task)));
  expect(answers.map(([text]) => text)).toEqual(['a', 'b', 'c']);
  const [thread] = new Set(answers.map(([, id]) => id));
  expect(thread).not.toBe(threadId);
});

it('rejects with the error of a task, and then runs the next task', async () => {
  const thread = startEcho();
  const [failed, next] = await Promise.allSettled([thread.run('throw'), ask(thread, 'b')]);
  expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'told to' } });
  expect(next).toMatchObject({ status: 'fulfilled', value: ['b', expect.any(Number)] });
});

it('refuses a task with BUSY if too many tasks are waiting', async () => {
  const thread = startEcho();
  const answers = await Promise.allSettled(Array.from({ length: 80 }, () => thread.run('a')));
  const refused = answers.filter(({ status }) => status === 'rejected');
  expect(refused.length).toBeGreaterThan(20);
  expect(refused[0]).toMatchObject({ reason: { body: { code: 'BUSY' } } });
  expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(50);
});
