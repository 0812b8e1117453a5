import { InFlightCalls } from '../common/in-flight-calls.js';

/** The events of each socket that this node has received but not answered yet. */
const callsBySocket = new WeakMap<object, InFlightCalls>();

/** Returns the counter of a socket's unanswered events. */
export function callsInFlightOf(socket: object): InFlightCalls {
  const known = callsBySocket.get(socket);
  if (known) return known;
  const created = new InFlightCalls();
  callsBySocket.set(socket, created);
  return created;
}
