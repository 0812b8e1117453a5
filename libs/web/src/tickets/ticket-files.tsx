import { useUsher } from '../service/usher-context.js';
import { saveFile } from './save-file.js';
import { useTask } from './use-task.js';

/**
 * Saves the tickets as a PDF file and the show as a calendar file. A plain link cannot do this, because only a request with
 * the session's token gets the files.
 */
export function TicketFiles({ bookingId }: { readonly bookingId: string }) {
  const { bookings } = useUsher();
  const { isBusy, failure, run } = useTask();
  return (
    <>
      <p className="actions actions-filled">
        <button
          type="button"
          className="button button-main"
          aria-disabled={isBusy}
          onClick={() => void run(async () => saveFile(await bookings.pdf(bookingId), 'tickets.pdf'))}
        >
          Save as PDF
        </button>
        <button
          type="button"
          className="button"
          aria-disabled={isBusy}
          onClick={() => void run(async () => saveFile(await bookings.calendar(bookingId), 'show.ics'))}
        >
          Add to calendar
        </button>
      </p>
      {failure !== null && <p className="notice notice-bad">{failure}</p>}
    </>
  );
}
