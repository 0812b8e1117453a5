import { parentPort, threadId } from 'node:worker_threads';

/** Answers each task with the text of the task and the number of the thread. The task `throw` throws an error. */
parentPort?.on('message', (task: string) => {
  if (task === 'throw') throw new Error('told to');
  parentPort?.postMessage(`${task} ${threadId}`, []);
});
