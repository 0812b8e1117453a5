import { InFlightCalls } from '../common/in-flight-calls.js';

/** The commands of each socket that are not answered yet. */
const work = new WeakMap<object, InFlightCalls>();

/** What a socket has under way. */
export function workOf(socket: object): InFlightCalls {
  const known = work.get(socket);
  if (known) return known;
  const made = new InFlightCalls();
  work.set(socket, made);
  return made;
}
