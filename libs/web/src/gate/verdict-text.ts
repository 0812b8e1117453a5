import { type GateAnswer, UsherError } from '@usher/client';
import { formatTime } from '../ui/format.js';

/** What staff is told of a code: seen from afar, and read out. */
export interface Verdict {
  /** `in`: let in. `out`: not. `fault`: it cannot be said. */
  readonly kind: 'in' | 'out' | 'fault';
  /** For a mark beside the words, so that the colour is not all there is. */
  readonly mark: string;
  readonly title: string;
  /** What more there is to say, or empty. */
  readonly text: string;
}

/** "at 20:15 at Gate north", on this device's clock. */
export function describeUse({ usedAt, gate }: Pick<GateAnswer, 'usedAt' | 'gate'>): string {
  const when = usedAt === null ? '' : `at ${formatTime(usedAt)}`;
  return gate === null || gate === '' ? when : `${when} at ${gate}`.trim();
}

const repairedCodeText = 'The scanner uses another keyboard layout or Caps Lock: set it up like this device.';

/** An answer in words. */
export function describeAnswer(answer: GateAnswer): Verdict {
  const verdict = describeResult(answer);
  return answer.isRepaired ? { ...verdict, text: `${verdict.text} ${repairedCodeText}`.trim() } : verdict;
}

function describeResult(answer: GateAnswer): Verdict {
  const seat = answer.label === null ? '' : `Seat ${answer.label}`;
  const out = (title: string, text: string): Verdict => ({ kind: 'out', mark: '✗', title, text });
  switch (answer.result) {
    case 'admitted':
      return {
        kind: 'in',
        mark: '✓',
        title: 'Come in',
        text: answer.isOffline ? `${seat}. Checked without the network.` : seat,
      };
    case 'used':
      return out('Already used', `${seat}: let in ${describeUse(answer)}.`);
    case 'wrongShow':
      return out('Wrong show', `${seat}: this ticket is good, but for another show.`);
    case 'notToday':
      return out('Not today', `${seat}: this ticket is good, but on another day.`);
    case 'refunded':
      return answer.isDisputed
        ? out('Payment disputed', `${seat}: the buyer's bank disputes the payment.`)
        : out('Refunded', `${seat} was given back.`);
    case 'forged':
      return out('Not a ticket', 'This code is not one of ours.');
  }
}

/** Why nothing can be said, in words. */
export function describeFault(thrown: unknown): Verdict {
  const fault = (title: string, text: string): Verdict => ({ kind: 'fault', mark: '!', title, text });
  const code = thrown instanceof UsherError ? thrown.code : null;
  switch (code) {
    case 'UNAUTHENTICATED':
    case 'FORBIDDEN':
      return fault('Key refused', 'This key may not let in here. Set the gate up anew.');
    case 'NETWORK':
    case 'TIMEOUT':
      return fault('No network', 'And there is no list of this show to go by yet. Nobody was let in.');
    case 'NOT_FOUND':
      return fault('No such show', 'Set the gate up anew.');
    default:
      return fault('Not checked', `${thrown instanceof Error ? thrown.message : 'Unknown'}. Try again.`);
  }
}
