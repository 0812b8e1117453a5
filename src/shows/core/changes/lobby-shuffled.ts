import { type ChangeKind, noSeats, storedAsIs } from './change-kind.js';

/** A draw gave the members of the lobby their places. */
export interface LobbyShuffled {
  readonly type: 'shuffled';
  /** The seed of the draw in lower-case hex. Its hash was published before the lobby opened. */
  readonly seed: string;
}

export const lobbyShuffled: ChangeKind<LobbyShuffled> = {
  seats: noSeats,
  apply(show, { seed }) {
    show.shuffleLobby(seed);
    return null;
  },
  chainLink: () => ({ line: 'entry', kind: 'shuffle', lineTicket: null }),
  addRows: (rows) => rows.lines.shuffleLobby(),
  ...storedAsIs,
};
