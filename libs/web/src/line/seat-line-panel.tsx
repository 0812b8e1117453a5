import type { Queue } from '@usher/contract';
import { formatCount } from '../ui/format.js';
import { LeaveLineButton, LineRefusalNotice } from './line-controls.js';
import { PlaceInLine } from './place-in-line.js';
import { PushRow } from './push-row.js';
import type { LineActions } from './use-line-actions.js';
import { LineFooter } from './waiting-room.js';

/** A place in the line for seats, beside the map. */
export function SeatLinePanel({ queue, lining }: { readonly queue: Queue; readonly lining: LineActions }) {
  return (
    <section className="panel" aria-labelledby="seat-line-title">
      <h2 id="seat-line-title">In line for {formatCount(queue.partySize, 'seat')}</h2>
      {queue.ahead !== null && <PlaceInLine queue={queue} ahead={queue.ahead} />}
      <p className="secondary-text">When seats come back for you they are held at once, and this page says so.</p>
      <LineRefusalNotice lining={lining} />
      <PushRow />
      <LineFooter showId={queue.showId}>
        <LeaveLineButton lining={lining} />
      </LineFooter>
    </section>
  );
}
