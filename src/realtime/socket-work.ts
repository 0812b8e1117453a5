import { UnderWay } from '../common/under-way.js';

/** The commands of each socket that are not answered yet. */
const work = new WeakMap<object, UnderWay>();

/** What a socket has under way. */
export function workOf(socket: object): UnderWay {
  const known = work.get(socket);
  if (known) return known;
  const made = new UnderWay();
  work.set(socket, made);
  return made;
}
