// Lets the child processes of bench:lines (the service and the sockets) answer named calls from their parent.
import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Answers the parent's calls. Each handler takes one value and returns one value. An error ends this process. */
export function answerCalls(handlers) {
  const answer = async ({ id, name, value }) => process.send({ id, answer: await handlers[name](value ?? {}) });
  process.on('message', (call) => void answer(call));
  process.on('disconnect', () => process.exit(1)); // the parent has ended
  process.on('unhandledRejection', (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  });
}

/** Starts a program from this folder. Returns one function that calls the program and one that ends it. */
export function startChild(file, argument, execArgv = []) {
  const options = { execArgv: ['--expose-gc', ...execArgv] };
  const child = fork(new URL(file, import.meta.url), [JSON.stringify(argument)], options);
  const exited = once(child, 'exit');
  const pendingCalls = new Map();
  let calls = 0;
  let isEnding = false;
  child.on('message', ({ id, answer }) => {
    pendingCalls.get(id)?.resolve(answer);
    pendingCalls.delete(id);
  });
  child.on('exit', (code) => {
    if (!isEnding) for (const { reject } of pendingCalls.values()) reject(new Error(`${file} ended with ${code}`));
  });
  const call = (name, value) => {
    const id = ++calls;
    const answered = Promise.withResolvers();
    pendingCalls.set(id, answered);
    child.send({ id, name, value });
    return answered.promise;
  };
  const end = async () => {
    isEnding = true;
    if (child.connected) void call('end');
    await exited;
  };
  return { call, end };
}

/** Returns the time in ms on a clock that all processes of this machine share. */
export const sharedNow = () => Number(process.hrtime.bigint()) / 1e6;

/** Returns the CPU time that this process has used, in ms. */
export function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Returns the memory of this process in bytes, after a garbage collection. */
export function memory() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { used: heapUsed + external, rss };
}
