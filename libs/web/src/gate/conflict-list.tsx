import type { GateConflict } from '@usher/client';
import { formatTime, formatCount } from '../ui/format.js';
import { describeUse } from './verdict-text.js';

interface ConflictListProps {
  readonly conflicts: readonly GateConflict[];
  readonly onSeen: () => void;
}

/** Who was let in without the network and should not have been. */
export function ConflictList({ conflicts, onSeen }: ConflictListProps) {
  if (conflicts.length === 0) return null;
  return (
    <section className="notice notice-warn" role="alert" aria-labelledby="gate-conflicts">
      <h2 id="gate-conflicts">{formatCount(conflicts.length, 'person')} let in without a right to</h2>
      <ul>
        {conflicts.map((conflict) => (
          <li key={`${conflict.label} ${conflict.at}`}>
            <strong>Seat {conflict.label}</strong>, let in here at {formatTime(conflict.at)}:{' '}
            {describeConflict(conflict)}
          </li>
        ))}
      </ul>
      <div className="actions">
        <button type="button" className="button" onClick={onSeen}>
          Seen to
        </button>
      </div>
    </section>
  );
}

function describeConflict(conflict: GateConflict): string {
  switch (conflict.result) {
    case 'admitted':
    case 'used':
      return `was in already, ${describeUse(conflict)}.`;
    case 'refunded':
      return 'was given back.';
    case 'wrongShow':
      return 'is for another show.';
    case 'notToday':
      return 'is for another day.';
    case 'forged':
      return 'its code is not one of ours any more.';
  }
}
