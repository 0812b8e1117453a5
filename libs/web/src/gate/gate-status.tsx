import type { GateView } from '@usher/client';
import { formatTime, formatCount } from '../ui/format.js';
import { describeFault } from './verdict-text.js';

/** How the gate stands: the network, the list, what waits. */
export function GateStatus({ view }: { readonly view: GateView }) {
  const { isOnline, listMadeAt, ticketCount, usedCount, pendingCount, refusal } = view;
  if (refusal) {
    const { title, text } = describeFault(refusal);
    return (
      <p className="notice notice-bad" role="alert">
        <strong>{title}.</strong> {text}
      </p>
    );
  }
  const list =
    listMadeAt === null
      ? 'no list yet'
      : `${usedCount} of ${formatCount(ticketCount, 'ticket')} in, list of ${formatTime(listMadeAt)}`;
  const handIn = pendingCount === 0 ? '' : `, ${formatCount(pendingCount, 'admission')} to hand in`;
  return (
    <p role="status" className="gate-status" data-online={isOnline} data-waiting={pendingCount}>
      <span className={`connection ${isOnline ? 'connection-live' : 'connection-reconnecting'}`}>
        {isOnline ? 'Online' : 'No network'}
      </span>{' '}
      {list}
      {handIn}
    </p>
  );
}
