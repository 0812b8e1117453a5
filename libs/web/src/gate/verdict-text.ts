import { type GateAnswer, UsherError } from '@usher/client';
import { formatTime } from '../ui/format.js';

/** The answer to a code, as text for the screen and for screen readers. */
export interface Verdict {
  /** `in`: admit the ticket. `out`: do not admit it. `fault`: the code could not be checked. */
  readonly kind: 'in' | 'out' | 'fault';
  /** Mark beside the text, because not everyone can see the colour. */
  readonly mark: string;
  readonly title: string;
  /** More details, or empty. */
  readonly text: string;
}

/** Returns for example "at 20:15 at North". The time is on this device's clock. */
export function describeUse({ usedAt, gate }: Pick<GateAnswer, 'usedAt' | 'gate'>): string {
  const when = usedAt === null ? '' : `at ${formatTime(usedAt)}`;
  return gate === null || gate === '' ? when : `${when} at ${gate}`.trim();
}

const repairedCodeText = 'The scanner uses another keyboard layout or Caps Lock. Set it to the layout of this device.';

/** Describes the answer to a code. */
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
        text: answer.isOffline ? `${seat}. Checked offline.` : seat,
      };
    case 'used':
      return out('Already used', `${seat}: admitted ${describeUse(answer)}.`);
    case 'wrongShow':
      // The service tells a gate nothing about the tickets of other cinemas.
      return out('Wrong show', `${seat === '' ? '' : `${seat}: `}This ticket is valid for another show.`);
    case 'notToday':
      return out('Not today', `${seat}: This ticket is valid on another day.`);
    case 'refunded':
      return answer.isDisputed
        ? out('Payment disputed', `${seat}: The buyer's bank disputes the payment.`)
        : out('Refunded', `${seat} was refunded.`);
    case 'forged':
      return out('Not a ticket', 'This is not a ticket code of this service.');
  }
}

/** Describes why a code could not be checked. */
export function describeFault(error: unknown): Verdict {
  const fault = (title: string, text: string): Verdict => ({ kind: 'fault', mark: '!', title, text });
  const code = error instanceof UsherError ? error.code : null;
  switch (code) {
    case 'UNAUTHENTICATED':
    case 'FORBIDDEN':
      return fault('Access refused', 'This key or this account cannot admit tickets here. Check the settings.');
    case 'NETWORK':
    case 'TIMEOUT':
      return fault(
        'No network',
        'This device has no ticket list for this show yet, so it cannot check the ticket. Do not admit it.',
      );
    case 'NOT_FOUND':
      return fault('No such show', 'Check the settings.');
    default:
      return fault('Not checked', `${error instanceof Error ? error.message : 'Unknown error'}. Try again.`);
  }
}
