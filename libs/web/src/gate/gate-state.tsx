import type { GateView } from '@usher/client';
import { formatTime, plural } from '../ui/format.js';
import { faultOf } from './verdict-words.js';

/** How the gate stands: the network, the list, what waits. */
export function GateState({ view }: { readonly view: GateView }) {
  const { isOnline, listOf, tickets, used, waiting, refused } = view;
  if (refused) {
    const { title, text } = faultOf(refused);
    return (
      <p className="notice notice-bad" role="alert">
        <strong>{title}.</strong> {text}
      </p>
    );
  }
  const list =
    listOf === null ? 'no list yet' : `${used} of ${plural(tickets, 'ticket')} in, list of ${formatTime(listOf)}`;
  const handIn = waiting === 0 ? '' : `, ${plural(waiting, 'admission')} to hand in`;
  return (
    <p role="status" className="gate-state" data-online={isOnline} data-waiting={waiting}>
      <span className={`connection ${isOnline ? 'connection-live' : 'connection-reconnecting'}`}>
        {isOnline ? 'Online' : 'No network'}
      </span>{' '}
      {list}
      {handIn}
    </p>
  );
}
