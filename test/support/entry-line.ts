import type { ClientAnswer, Queue, ServerEvent } from '@usher/contract';
import type { TestSocket } from './socket.js';

type Joined = ClientAnswer<'show:join'>;

/** Comes into a show as a client does: joins it, and if it has to wait, joins it again when it is let in. */
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
  if (joined.access !== 'open') throw new Error(`let in, and yet kept outside: ${JSON.stringify(joined)}`);
  return joined;
}

/** Joins a show that has to keep it waiting. @returns its place in line */
export async function joinEntryLine(socket: TestSocket, showId: number): Promise<Queue> {
  const joined = await socket.ask('show:join', { showId });
  if (joined.access !== 'waiting') throw new Error('let in at once');
  return joined.queue;
}

/** One after the other, so that their places follow in this order. */
export async function joinEntryLineInOrder(sockets: readonly TestSocket[], showId: number): Promise<Queue[]> {
  const places: Queue[] = [];
  for (const socket of sockets) places.push(await joinEntryLine(socket, showId));
  return places;
}

/** How many events of a kind a socket heard up to now: whatever the server sent it before it answers is counted. */
export async function countEvents(socket: TestSocket, showId: number, event: ServerEvent): Promise<number> {
  await socket.ask('queue:status', { showId });
  return socket.received.filter((one) => one.event === event).length;
}
