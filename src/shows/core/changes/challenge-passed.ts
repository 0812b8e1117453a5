import { type ChangeKind, noChainLink, noSeats, type StoredWithTicket } from './change-kind.js';

/** A session that waits for seats passed the challenge of the show. */
export interface ChallengePassed {
  readonly type: 'challengePassed';
  /** The session's line ticket in the line for seats. */
  readonly lineTicket: number;
}

/** The stored form of {@link ChallengePassed}. Nodes of 0.2.0 cannot read it. */
export type StoredChallengePassed = StoredWithTicket<ChallengePassed>;

export const challengePassed: ChangeKind<ChallengePassed, StoredChallengePassed> = {
  seats: noSeats,
  apply(show, { lineTicket }) {
    show.passChallenge(lineTicket);
    return null;
  },
  chainLink: noChainLink,
  addRows: (rows, { lineTicket }) => rows.lines.passChallenge(lineTicket),
  toStored: ({ lineTicket, ...rest }) => ({ ...rest, ticket: lineTicket }),
  fromStored: ({ ticket, ...rest }) => ({ ...rest, lineTicket: ticket }),
};
