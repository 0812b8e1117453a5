import type { ShowStore, ShowView } from '@usher/client';
import type { Show } from '@usher/contract';
import { challengeRefusal, describeError } from '../service/refusals.js';
import { formatDayAndTime } from '../ui/format.js';
import type { SaleState } from './sale-state.js';

/** Shows why the connection is closed. This is also the reason why there is no map. */
export function ConnectionError({ view: { connection, error } }: { readonly view: ShowView }) {
  if (connection !== 'closed' || error === null) return null;
  return (
    <p className="notice notice-bad" role="alert">
      {describeError(error).text}
    </p>
  );
}

/**
 * Shows in words whether the map is up to date, because not everyone can see the colour of a dot. While the page solves a
 * challenge, shows that instead. The buyer has nothing to do then.
 */
export function ConnectionStatus({ view: { connection, challenge } }: { readonly view: ShowView }) {
  if (challenge === 'solving') {
    return (
      <span className="connection connection-connecting" role="status">
        Checking that you are not a robot{'\u00A0'}…
      </span>
    );
  }
  const text = {
    connecting: 'Connecting …',
    live: 'Live',
    reconnecting: 'Reconnecting … The map may be out of date',
    closed: 'Closed',
  }[connection];
  return (
    <span className={`connection connection-${connection}`} role="status">
      {text}
    </span>
  );
}

interface ChallengeFailureProps {
  readonly store: ShowStore;
  readonly view: ShowView;
}

/** Lets the buyer try the challenge again if it failed before the map arrived. With a map, the buyer holds seats again. */
export function ChallengeFailure({ store, view: { challenge, seatCount } }: ChallengeFailureProps) {
  if (challenge !== 'failed' || seatCount > 0) return null;
  const { title, text } = challengeRefusal;
  return (
    <div className="notice notice-bad" role="alert">
      <p>
        <strong>{title}.</strong> {text}
      </p>
      <div className="actions">
        <button type="button" className="button" onClick={() => store.retryChallenge()}>
          Try again
        </button>
      </div>
    </div>
  );
}

/** Replaces the connection status of a show that was called off, because nobody can buy its seats. */
export function CalledOffStatus() {
  return (
    <span className="connection connection-closed" role="status">
      Called off
    </span>
  );
}

interface SaleNoticeProps {
  readonly show: Show;
  readonly saleState: SaleState;
}

/** Shows why the buyer cannot buy seats now. Shows nothing while the show is on sale. */
export function SaleNotice({ show, saleState }: SaleNoticeProps) {
  const text = describeSale(show, saleState);
  return text === null ? null : <p className="notice notice-warn">{text}</p>;
}

function describeSale({ calledOffReason, saleOpensAt, cinema }: Show, sale: SaleState): string | null {
  if (sale === 'calledOff') {
    return `This show was called off.${calledOffReason ? ` Reason: ${calledOffReason}` : ''}`;
  }
  if (sale === 'over') return 'The sale of this show has ended.';
  if (sale === 'open') return null;
  return saleOpensAt === null
    ? 'The sale of this show has not started.'
    : `The sale of this show starts on ${formatDayAndTime(saleOpensAt, cinema.timeZone)}.`;
}
