import type { Ticket } from '@usher/contract';
import { useUsher } from '../service/usher-context.js';
import { saveFile } from './save-file.js';
import { useTask } from './use-task.js';

/** Adds a ticket to a phone's wallet. Shows only the wallets for which the operator has set up keys. */
export function WalletButtons({ ticket }: { readonly ticket: Ticket }) {
  const { bookings } = useUsher();
  const { isBusy, failure, run } = useTask();
  const { bookingId, ticketId, label, wallets } = ticket;
  const addToApple = async () => saveFile(await bookings.applePass(bookingId, ticketId), `ticket-${label}.pkpass`);
  const addToGoogle = async () => {
    location.assign(await bookings.googleWalletUrl(bookingId, ticketId));
    return null;
  };
  return (
    <>
      {wallets?.apple && (
        <button type="button" className="button" aria-disabled={isBusy} onClick={() => void run(addToApple)}>
          Add {label} to Apple Wallet
        </button>
      )}
      {wallets?.google && (
        <button type="button" className="button" aria-disabled={isBusy} onClick={() => void run(addToGoogle)}>
          Add {label} to Google Wallet
        </button>
      )}
      {failure !== null && <p className="notice notice-bad">{failure}</p>}
    </>
  );
}
