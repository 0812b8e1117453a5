import { parentPort, threadId } from 'node:worker_threads';

/** Echoes an order with the number of its thread; `throw` throws. */
parentPort?.on('message', (order: string) => {
  if (order === 'throw') throw new Error('told to');
  parentPort?.postMessage(new TextEncoder().encode(`${order} ${threadId}`), []);
});
