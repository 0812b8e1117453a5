import { useUsher } from '../service/usher-context.js';
import { saveFile } from './save-file.js';
import { useTask } from './use-task.js';

/** The tickets on paper and in the calendar. They are the session's alone, so they are fetched and then saved. */
export function TicketFiles({ bookingId }: { readonly bookingId: string }) {
  const { bookings } = useUsher();
  const { busy, failure, run } = useTask();
  return (
    <>
      <p className="actions actions-filled">
        <button
          type="button"
          className="button button-main"
          aria-disabled={busy}
          onClick={() => void run(async () => saveFile(await bookings.pdf(bookingId), 'tickets.pdf'))}
        >
          Save as PDF
        </button>
        <button
          type="button"
          className="button"
          aria-disabled={busy}
          onClick={() => void run(async () => saveFile(await bookings.calendar(bookingId), 'show.ics'))}
        >
          Add to calendar
        </button>
      </p>
      {failure !== null && <p className="notice notice-bad">{failure}</p>}
    </>
  );
}
