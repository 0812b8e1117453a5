import type { Queue } from '@usher/contract';
import { plural } from '../ui/format.js';
import { LeaveLine, LineRefusal } from './line-actions.js';
import { Place } from './place.js';
import { PushRow } from './push-row.js';
import type { Lining } from './use-line.js';
import { LineFooter } from './waiting-room.js';

/** A place in the line for seats, beside the map. */
export function SeatLinePanel({ queue, lining }: { readonly queue: Queue; readonly lining: Lining }) {
  return (
    <section className="panel" aria-labelledby="seat-line-title">
      <h2 id="seat-line-title">In line for {plural(queue.partySize, 'seat')}</h2>
      {queue.ahead !== null && <Place queue={queue} ahead={queue.ahead} />}
      <p className="quiet">When seats come back for you they are held at once, and this page says so.</p>
      <LineRefusal lining={lining} />
      <PushRow />
      <LineFooter showId={queue.showId}>
        <LeaveLine lining={lining} />
      </LineFooter>
    </section>
  );
}
