import { threadId } from 'node:worker_threads';
import { expect, it } from '@jest/globals';
import { WorkerThread } from './worker-thread.js';

const startEcho = () => new WorkerThread<string, string>('worker-thread.fixture', import.meta.url, 'tests');

/** Runs a task. @returns the text of the answer and the number of the thread that answered */
async function ask(
  thread: WorkerThread<string, string>,
  task: string,
  owner: string | null = null,
): Promise<[string, number]> {
  const [text = '', by] = (await thread.run(task, owner)).split(' ');
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
  const [failed, next] = await Promise.allSettled([thread.run('throw', null), ask(thread, 'b')]);
  expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'told to' } });
  expect(next).toMatchObject({ status: 'fulfilled', value: ['b', expect.any(Number)] });
});

it('refuses a task with BUSY if too many tasks are waiting', async () => {
  const thread = startEcho();
  const answers = await Promise.allSettled(Array.from({ length: 80 }, () => thread.run('a', null)));
  const refused = answers.filter(({ status }) => status === 'rejected');
  expect(refused.length).toBeGreaterThan(20);
  expect(refused[0]).toMatchObject({ reason: { body: { code: 'BUSY' } } });
  expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(50);
});

it('refuses tasks of one owner with RATE_LIMITED if too many are unfinished, and runs the tasks of all others', async () => {
  const thread = startEcho();
  const own = Promise.allSettled(Array.from({ length: 60 }, () => thread.run('a', 'greedy buyer')));
  expect(await ask(thread, 'b', 'another buyer')).toEqual(['b', expect.any(Number)]);
  const answers = await own;
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  expect(answers[5]).toMatchObject({ reason: { body: { code: 'RATE_LIMITED' } } });
  expect(await ask(thread, 'c', 'greedy buyer')).toEqual(['c', expect.any(Number)]);
});

it('lets the owners of waiting tasks take turns', async () => {
  const thread = startEcho();
  const finished: string[] = [];
  const run = async (task: string, owner: string | null) => {
    await thread.run(task, owner);
    finished.push(task);
  };
  const service = ['a1', 'a2', 'a3', 'a4'].map((task) => run(task, null));
  await Promise.all([...service, run('b1', 'b'), run('b2', 'b')]);
  expect(finished).toEqual(['a1', 'a2', 'b1', 'a3', 'b2', 'a4']);
});

it('counts a failed task as finished', async () => {
  const thread = startEcho();
  for (let count = 0; count < 6; count++) await expect(thread.run('throw', 'a buyer')).rejects.toThrow('told to');
});
