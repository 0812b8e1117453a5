import type { GateConflict } from '@usher/client';
import { formatTime, plural } from '../ui/format.js';
import { whenAndWhere } from './verdict-words.js';

interface ConflictsProps {
  readonly conflicts: readonly GateConflict[];
  readonly onSeen: () => void;
}

/** Who was let in without the network and should not have been. */
export function Conflicts({ conflicts, onSeen }: ConflictsProps) {
  if (conflicts.length === 0) return null;
  return (
    <section className="notice notice-warn" role="alert" aria-labelledby="gate-conflicts">
      <h2 id="gate-conflicts">{plural(conflicts.length, 'person')} let in without a right to</h2>
      <ul>
        {conflicts.map((conflict) => (
          <li key={`${conflict.label} ${conflict.at}`}>
            <strong>Seat {conflict.label}</strong>, let in here at {formatTime(conflict.at)}: {reasonOf(conflict)}
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

function reasonOf(conflict: GateConflict): string {
  switch (conflict.result) {
    case 'admitted':
    case 'used':
      return `was in already, ${whenAndWhere(conflict)}.`;
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
