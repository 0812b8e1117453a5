// Processes that are asked for things by name and answer: the service and the sockets of bench:lines.
import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Answers what the parent asks: each handler takes one value and answers one. A failure ends this process, loudly. */
export function answerCalls(handlers) {
  const answer = async ({ id, name, value }) => process.send({ id, answer: await handlers[name](value ?? {}) });
  process.on('message', (asked) => void answer(asked));
  process.on('disconnect', () => process.exit(1)); // the parent is gone
  process.on('unhandledRejection', (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  });
}

/** Starts a program of this folder. @returns asks it for things, and ends it */
export function startChild(file, argument, execArgv = []) {
  const options = { execArgv: ['--expose-gc', ...execArgv] };
  const child = fork(new URL(file, import.meta.url), [JSON.stringify(argument)], options);
  const exited = once(child, 'exit');
  const asked = new Map();
  let calls = 0;
  let isEnding = false;
  child.on('message', ({ id, answer }) => {
    asked.get(id)?.resolve(answer);
    asked.delete(id);
  });
  child.on('exit', (code) => {
    if (!isEnding) for (const { reject } of asked.values()) reject(new Error(`${file} ended with ${code}`));
  });
  const call = (name, value) => {
    const id = ++calls;
    const answered = Promise.withResolvers();
    asked.set(id, answered);
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

/** A clock that all processes of this machine share, in ms. */
export const sharedNow = () => Number(process.hrtime.bigint()) / 1e6;

/** Milliseconds of CPU that this process has used. */
export function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Bytes after the garbage is gone. */
export function memory() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { used: heapUsed + external, rss };
}
