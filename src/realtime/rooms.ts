import type { LineName } from '@usher/contract';

/** Returns the room of all sockets that have a show open. */
export const showRoom = (showId: number): string => `show:${showId}`;

/** Returns the room of all sockets whose session waits in one of a show's lines. */
export const lineRoom = (showId: number, line: LineName): string => `line:${showId}:${line}`;

/** Returns the room of all sockets of a session, on every node. */
export const sessionRoom = (sessionId: string): string => `session:${sessionId}`;

/** Returns the room of all sockets that have an API key or a sign-in of an operator. */
export const credentialRoom = (credentialId: string): string => `key:${credentialId}`;

/** Returns true for a {@link credentialRoom}. */
export const isCredentialRoom = (room: string): boolean => room.startsWith('key:');

/** Returns the show of a {@link showRoom}, or null for any other room. */
export function showOfRoom(room: string): number | null {
  return room.startsWith('show:') ? Number(room.slice('show:'.length)) : null;
}
