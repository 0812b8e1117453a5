import type { GateConflict } from '@usher/client';
import { formatCount, formatTime } from '../ui/format.js';
import { describeUse } from './verdict-text.js';

interface ConflictListProps {
  readonly conflicts: readonly GateConflict[];
  readonly onDismiss: () => void;
}

/** Lists tickets that this gate admitted without the network, although they were not valid. */
export function ConflictList({ conflicts, onDismiss }: ConflictListProps) {
  if (conflicts.length === 0) return null;
  return (
    <section className="notice notice-warn" role="alert" aria-labelledby="gate-conflicts">
      <h2 id="gate-conflicts">{formatCount(conflicts.length, 'ticket')} admitted by mistake</h2>
      <ul>
        {conflicts.map((conflict) => (
          <li key={`${conflict.label} ${conflict.at}`}>
            <strong>Seat {conflict.label}</strong>, admitted here at {formatTime(conflict.at)}: The ticket{' '}
            {describeConflict(conflict)}
          </li>
        ))}
      </ul>
      <div className="actions">
        <button type="button" className="button" onClick={onDismiss}>
          Dismiss
        </button>
      </div>
    </section>
  );
}

function describeConflict(conflict: GateConflict): string {
  switch (conflict.result) {
    case 'admitted':
    case 'used':
      return `was already used, ${describeUse(conflict)}.`;
    case 'refunded':
      return 'was refunded.';
    case 'wrongShow':
      return 'is for another show.';
    case 'notToday':
      return 'is for another day.';
    case 'forged':
      return 'no longer has a valid code.';
  }
}
