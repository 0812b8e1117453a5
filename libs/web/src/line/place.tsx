import type { Queue } from '@usher/contract';
import type { ReactNode } from 'react';
import { formatTime } from '../ui/format.js';
import { aheadInWords, chanceInWords, waitInWords } from './line-words.js';
import './line.css';

interface PlaceProps {
  readonly queue: Queue;
  readonly ahead: number;
}

/** A place in line: how many are ahead, how long it may take, what the chance is. Heard by `useLineSpoken`, not here. */
export function Place({ queue, ahead }: PlaceProps) {
  const wait = waitInWords(queue.etaSeconds);
  return (
    <>
      <p className="line-ahead">
        {ahead === 0 ? (
          <strong>{aheadInWords(ahead)}</strong>
        ) : (
          <>
            <strong>{ahead}</strong> ahead of you
          </>
        )}
      </p>
      <dl className="line-facts">
        <Fact name="Your place">
          {ahead + 1} <span className="quiet">of {queue.waiting} in line</span>
        </Fact>
        <Fact name="Wait">{wait ?? <span className="quiet">not known yet</span>}</Fact>
        <Fact name="Kept until">{formatTime(queue.expiresAt)} on your clock, at the latest</Fact>
      </dl>
      <p className={`line-chance line-chance-${queue.chance}`}>{chanceInWords(queue)}</p>
    </>
  );
}

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
