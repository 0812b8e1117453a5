import type { ShowStore, ShowView } from '@usher/client';
import type { Show } from '@usher/contract';
import { LineFooter } from './line-footer.js';
import { describeLineEnd, type LineEndText } from './line-text.js';

interface OutsidePanelProps {
  readonly show: Show;
  readonly store: ShowStore;
  readonly view: ShowView;
}

const leftText: LineEndText = { title: 'You left', text: 'You are not in the hall of this show and not in its line.' };

/** Tells a buyer who is neither in the hall nor in a line what happened. Lets the buyer ask for entry again. */
export function OutsidePanel({ show, store, view: { lineEnd } }: OutsidePanelProps) {
  const { title, text } = lineEnd === null ? leftText : describeLineEnd(lineEnd);
  return (
    <section className="panel" aria-labelledby="outside-title">
      <h2 id="outside-title">{title}</h2>
      <p>{text}</p>
      <LineFooter showId={show.showId}>
        <button type="button" className="button button-main" onClick={() => store.enter()}>
          {/* After the end of the sale, everybody can enter without waiting. */}
          {lineEnd?.reason === 'saleClosed' ? 'Look at the hall' : 'Ask to enter again'}
        </button>
      </LineFooter>
    </section>
  );
}
