import type { ClientAnswer, Queue, ServerEvent } from '@usher/contract';
import type { TestSocket } from './socket.js';

type Joined = ClientAnswer<'show:join'>;

/**
 * Enters a show as a client does: joins the show, waits in the entry line if it has to, and joins again when admitted.
 */
export async function enterShow(
  socket: TestSocket,
  showId: number,
  withinMs?: number,
): Promise<Extract<Joined, { access: 'open' }>> {
  let joined = await socket.ask('show:join', { showId });
  if (joined.access === 'waiting') {
    await socket.next('queue:admitted', (admitted) => admitted.showId === showId, withinMs);
    joined = await socket.ask('show:join', { showId });
  }
  if (joined.access !== 'open')
    throw new Error(`the session was admitted but cannot join the show: ${JSON.stringify(joined)}`);
  return joined;
}

/**
 * Joins the entry line of a full show. Returns the place in line.
 *
 * @throws Error if the show admits the session at once
 */
export async function joinEntryLine(socket: TestSocket, showId: number): Promise<Queue> {
  const joined = await socket.ask('show:join', { showId });
  if (joined.access !== 'waiting') throw new Error('the show admitted the session without a wait');
  return joined.queue;
}

/** Joins the entry line with one socket after the other, so that their places have the order of the sockets. */
export async function joinEntryLineInOrder(sockets: readonly TestSocket[], showId: number): Promise<Queue[]> {
  const places: Queue[] = [];
  for (const socket of sockets) places.push(await joinEntryLine(socket, showId));
  return places;
}

/**
 * Counts the events of a kind that a socket has received. First sends a request and waits for the answer, because the
 * server sends all earlier events before that answer.
 */
export async function countEvents(socket: TestSocket, showId: number, event: ServerEvent): Promise<number> {
  await socket.ask('queue:status', { showId });
  return socket.received.filter((one) => one.event === event).length;
}
