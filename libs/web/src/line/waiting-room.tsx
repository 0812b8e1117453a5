import type { ShowView } from '@usher/client';
import type { Queue, Show } from '@usher/contract';
import type { ReactNode } from 'react';
import { formatDayAndTime, formatTime, formatCount } from '../ui/format.js';
import { LeaveLineButton, LineRefusalNotice } from './line-controls.js';
import { OpeningCountdown } from './opening-countdown.js';
import { PlaceInLine } from './place-in-line.js';
import { PushRow } from './push-row.js';
import type { LineActions } from './use-line-actions.js';
import './line.css';

interface WaitingRoomProps {
  readonly show: Show;
  readonly view: ShowView;
  readonly lining: LineActions;
}

/** What stands before the hall while its show has more visitors than it lets in at once. */
export function WaitingRoom({ show, view: { queue }, lining }: WaitingRoomProps) {
  if (queue === null) {
    return (
      <section className="panel" aria-label="Waiting room">
        <p role="status">One moment: the hall is being opened for you …</p>
      </section>
    );
  }
  return (
    <section className="panel" aria-labelledby="waiting-title">
      {queue.ahead === null ? (
        <Lobby show={show} queue={queue} />
      ) : (
        <>
          <h2 id="waiting-title">
            {queue.line === 'entry' ? 'Waiting room' : `In line for ${formatCount(queue.partySize, 'seat')}`}
          </h2>
          <p>{queue.line === 'entry' ? entryLineText : seatLineText}</p>
          <PlaceInLine queue={queue} ahead={queue.ahead} />
        </>
      )}
      <LineRefusalNotice lining={lining} />
      <PushRow />
      <LineFooter showId={show.showId}>
        <LeaveLineButton lining={lining} />
      </LineFooter>
    </section>
  );
}

const entryLineText =
  'Many people want this show. You are let in automatically when it is your turn. Your place is kept if you lose the connection.';
const seatLineText = 'Seats that come back are offered to those in line, one after the other.';

function describeOthers(others: number): string {
  if (others === 0) return 'You are the only one here so far.';
  return others === 1 ? 'One other waits with you.' : `${others} others wait with you.`;
}

/** Before the sale opens: nobody is first yet. */
function Lobby({ show, queue }: { readonly show: Show; readonly queue: Queue }) {
  const others = queue.waiting - 1;
  return (
    <>
      <h2 id="waiting-title">Before the sale</h2>
      {show.saleOpensAt !== null && (
        <>
          <OpeningCountdown at={show.saleOpensAt} />
          <p>
            The sale opens on <strong>{formatDayAndTime(show.saleOpensAt, show.cinema.timeZone)}</strong>.
          </p>
        </>
      )}
      <p>
        {describeOthers(others)} When the sale opens, everybody who is here gets a place in line by lot: it does not
        matter who came first, and coming back or reloading the page gains nothing. Who comes later stands behind.
      </p>
      <p className="secondary-text">
        Your place is kept until {formatTime(queue.expiresAt)} on your clock, at the latest.
      </p>
    </>
  );
}

/** What goes with every place in line: the way out, and the way to check that the order is fair. */
export function LineFooter({ showId, children }: { readonly showId: number; readonly children: ReactNode }) {
  return (
    <p className="actions line-footer">
      {children}
      {/* In a window of its own: this one has to stay where the turn comes. */}
      <a href={`/shows/${showId}/proof`} target="_blank" rel="noopener" className="button">
        Check that the line is fair <span className="visually-hidden">(opens a new tab)</span>
        <span aria-hidden="true">&nbsp;↗</span>
      </a>
    </p>
  );
}
