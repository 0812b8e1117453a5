import { useUsher } from '../usher.js';
import { save } from './save.js';
import { useDoing } from './use-doing.js';

/** The tickets on paper and in the calendar. They are the session's alone, so they are fetched and then saved. */
export function TicketFiles({ bookingId }: { readonly bookingId: string }) {
  const { bookings } = useUsher();
  const { busy, failure, run } = useDoing();
  return (
    <>
      <p className="actions actions-filled">
        <button
          type="button"
          className="button button-main"
          aria-disabled={busy}
          onClick={() => void run(async () => save(await bookings.pdf(bookingId), 'tickets.pdf'))}
        >
          Save as PDF
        </button>
        <button
          type="button"
          className="button"
          aria-disabled={busy}
          onClick={() => void run(async () => save(await bookings.calendar(bookingId), 'show.ics'))}
        >
          Add to calendar
        </button>
      </p>
      {failure !== null && <p className="notice notice-bad">{failure}</p>}
    </>
  );
}
