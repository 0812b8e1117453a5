import type { ShowView } from '@usher/client';
import type { Queue, Show } from '@usher/contract';
import { formatCount, formatDayAndTime, formatTime } from '../ui/format.js';
import { LeaveLineButton, LineRefusalNotice } from './line-controls.js';
import { LineFooter } from './line-footer.js';
import { OpeningCountdown } from './opening-countdown.js';
import { PlaceInLine } from './place-in-line.js';
import { PushRow } from './push-row.js';
import type { LineActions } from './use-line-actions.js';
import './line.css';

interface WaitingRoomProps {
  readonly show: Show;
  readonly view: ShowView;
  readonly lineActions: LineActions;
}

/** Replaces the hall while more people want to enter than the show admits at once. */
export function WaitingRoom({ show, view: { queue }, lineActions }: WaitingRoomProps) {
  if (queue === null) {
    return (
      <section className="panel" aria-label="Waiting room">
        <p role="status">Opening the hall for you …</p>
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
      <LineRefusalNotice lineActions={lineActions} />
      <PushRow />
      <LineFooter showId={show.showId}>
        <LeaveLineButton lineActions={lineActions} />
      </LineFooter>
    </section>
  );
}

const entryLineText =
  'Many people want this show. We let you in when it is your turn. You keep your place if you lose the connection.';
const seatLineText = 'We offer seats that become free to the people in line, one after another.';

function describeOthers(count: number): string {
  if (count === 0) return 'You are the only person here so far.';
  return count === 1 ? 'One other person waits with you.' : `${count} other people wait with you.`;
}

/** Shows the lobby, in which people wait until the sale starts. Nobody has a place in line yet. */
function Lobby({ show, queue }: { readonly show: Show; readonly queue: Queue }) {
  return (
    <>
      <h2 id="waiting-title">Before the sale</h2>
      {show.saleOpensAt !== null && (
        <>
          <OpeningCountdown at={show.saleOpensAt} />
          <p>
            The sale starts on <strong>{formatDayAndTime(show.saleOpensAt, show.cinema.timeZone)}</strong>.
          </p>
        </>
      )}
      <p>
        {describeOthers(queue.waiting - 1)} When the sale starts, we draw the places of everybody who is here at random.
        It does not matter who came first, and reloading the page has no advantage. People who come later join the end
        of the line.
      </p>
      <p className="secondary-text">
        We keep your place until {formatTime(queue.expiresAt)} on your clock, at the latest.
      </p>
    </>
  );
}
