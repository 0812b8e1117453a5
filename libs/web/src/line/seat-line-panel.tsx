import type { Queue } from '@usher/contract';
import { formatCount } from '../ui/format.js';
import { LeaveLineButton, LineRefusalNotice } from './line-controls.js';
import { LineFooter } from './line-footer.js';
import { PlaceInLine } from './place-in-line.js';
import { PushRow } from './push-row.js';
import type { LineActions } from './use-line-actions.js';

interface SeatLinePanelProps {
  readonly queue: Queue;
  readonly lineActions: LineActions;
}

/** Shows the buyer's place in the line for seats, beside the map. */
export function SeatLinePanel({ queue, lineActions }: SeatLinePanelProps) {
  return (
    <section className="panel" aria-labelledby="seat-line-title">
      <h2 id="seat-line-title">In line for {formatCount(queue.partySize, 'seat')}</h2>
      {queue.ahead !== null && <PlaceInLine queue={queue} ahead={queue.ahead} />}
      <p className="secondary-text">When we find seats for you, we hold them immediately and show them on this page.</p>
      <LineRefusalNotice lineActions={lineActions} />
      <PushRow />
      <LineFooter showId={queue.showId}>
        <LeaveLineButton lineActions={lineActions} />
      </LineFooter>
    </section>
  );
}
