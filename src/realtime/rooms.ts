import type { LineName } from '@usher/contract';

/** Everyone who looks at a show. */
export const showRoom = (showId: number): string => `show:${showId}`;

/** Everyone who stands in one of a show's lines. */
export const lineRoom = (showId: number, line: LineName): string => `line:${showId}:${line}`;

/** Every socket of a session, on whichever node. */
export const sessionRoom = (sessionId: string): string => `session:${sessionId}`;

/** The show of a {@link showRoom}, or null for a room of another kind. */
export function showOfRoom(room: string): number | null {
  return room.startsWith('show:') ? Number(room.slice('show:'.length)) : null;
}
