import type { ShowStore, ShowView } from '@usher/client';
import type { Show } from '@usher/contract';
import { type LineEndText, describeLineEnd } from './line-text.js';
import { LineFooter } from './waiting-room.js';

interface OutsidePanelProps {
  readonly show: Show;
  readonly store: ShowStore;
  readonly view: ShowView;
}

const leftText: LineEndText = { title: 'You left', text: 'You are neither inside nor in line for this show.' };

/** For who is neither inside nor in line: why, and the way back. */
export function OutsidePanel({ show, store, view: { lineEnd } }: OutsidePanelProps) {
  const { title, text } = lineEnd === null ? leftText : describeLineEnd(lineEnd);
  return (
    <section className="panel" aria-labelledby="outside-title">
      <h2 id="outside-title">{title}</h2>
      <p>{text}</p>
      <LineFooter showId={show.showId}>
        <button type="button" className="button button-main" onClick={() => store.enter()}>
          {/* Once nothing is sold any more, nobody is held up. */}
          {lineEnd?.reason === 'saleClosed' ? 'Look at the hall' : 'Ask to be let in again'}
        </button>
      </LineFooter>
    </section>
  );
}
