import type { GateView } from '@usher/client';
import { formatCount, formatTime } from '../ui/format.js';
import { describeFault } from './verdict-text.js';

/** Shows the status of the gate: the network, the ticket list, and the admissions that the service does not know yet. */
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
  const listText =
    listMadeAt === null
      ? 'no ticket list yet'
      : `${usedCount} of ${formatCount(ticketCount, 'ticket')} admitted, list from ${formatTime(listMadeAt)}`;
  const pendingText = pendingCount === 0 ? '' : `, ${formatCount(pendingCount, 'admission')} to send`;
  return (
    <p role="status" className="gate-status" data-online={isOnline} data-waiting={pendingCount}>
      <span className={`connection ${isOnline ? 'connection-live' : 'connection-reconnecting'}`}>
        {isOnline ? 'Online' : 'No network'}
      </span>{' '}
      {listText}
      {pendingText}
    </p>
  );
}
