import type { GateView } from '@usher/client';
import { formatTime, formatCount } from '../ui/format.js';
import { describeFault } from './verdict-text.js';

/** How the gate stands: the network, the list, what waits. */
export function GateStatus({ view }: { readonly view: GateView }) {
  const { isOnline, listOf, tickets, used, waiting, refused } = view;
  if (refused) {
    const { title, text } = describeFault(refused);
    return (
      <p className="notice notice-bad" role="alert">
        <strong>{title}.</strong> {text}
      </p>
    );
  }
  const list =
    listOf === null ? 'no list yet' : `${used} of ${formatCount(tickets, 'ticket')} in, list of ${formatTime(listOf)}`;
  const handIn = waiting === 0 ? '' : `, ${formatCount(waiting, 'admission')} to hand in`;
  return (
    <p role="status" className="gate-status" data-online={isOnline} data-waiting={waiting}>
      <span className={`connection ${isOnline ? 'connection-live' : 'connection-reconnecting'}`}>
        {isOnline ? 'Online' : 'No network'}
      </span>{' '}
      {list}
      {handIn}
    </p>
  );
}
