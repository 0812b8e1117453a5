import type { Queue } from '@usher/contract';
import type { ReactNode } from 'react';
import { formatTime } from '../ui/format.js';
import { describeAhead, describeChance, describeWait } from './line-text.js';
import './line.css';

interface PlaceInLineProps {
  readonly queue: Queue;
  readonly ahead: number;
}

/**
 * Shows a place in line: the people ahead, the expected wait, and the chance to get seats. `useLineAnnouncements` announces
 * changes to screen readers.
 */
export function PlaceInLine({ queue, ahead }: PlaceInLineProps) {
  const wait = describeWait(queue.etaSeconds);
  return (
    <>
      <p className="line-ahead">
        {ahead === 0 ? (
          <strong>{describeAhead(ahead)}</strong>
        ) : (
          <>
            <strong>{ahead}</strong> ahead of you
          </>
        )}
      </p>
      <dl className="line-facts">
        <Fact name="Your place">
          {ahead + 1} <span className="secondary-text">of {queue.waiting} in line</span>
        </Fact>
        <Fact name="Wait">{wait ?? <span className="secondary-text">not known yet</span>}</Fact>
        <Fact name="Kept until">{formatTime(queue.expiresAt)} on your clock, at the latest</Fact>
      </dl>
      <p className={`seat-chance seat-chance-${queue.chance}`}>{describeChance(queue)}</p>
    </>
  );
}

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
