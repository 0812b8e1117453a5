import type { Ticket } from '@usher/contract';
import { useUsher } from '../service/usher-context.js';
import { saveFile } from './save-file.js';
import { useTask } from './use-task.js';

/** Puts a ticket into a phone's wallet, where the operator has keys for that. */
export function WalletButtons({ ticket }: { readonly ticket: Ticket }) {
  const { bookings } = useUsher();
  const { busy, failure, run } = useTask();
  const { bookingId, ticketId, label, wallets } = ticket;
  const toApple = async () => saveFile(await bookings.applePass(bookingId, ticketId), `ticket-${label}.pkpass`);
  const toGoogle = async () => {
    location.assign(await bookings.googleWalletUrl(bookingId, ticketId));
    return null;
  };
  return (
    <>
      {wallets?.apple && (
        <button type="button" className="button" aria-disabled={busy} onClick={() => void run(toApple)}>
          Add {label} to Apple Wallet
        </button>
      )}
      {wallets?.google && (
        <button type="button" className="button" aria-disabled={busy} onClick={() => void run(toGoogle)}>
          Add {label} to Google Wallet
        </button>
      )}
      {failure !== null && <p className="notice notice-bad">{failure}</p>}
    </>
  );
}
