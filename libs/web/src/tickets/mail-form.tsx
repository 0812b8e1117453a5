import { UsherError } from '@usher/client';
import type { Booking } from '@usher/contract';
import { useId, useState } from 'react';
import { describeError } from '../service/refusals.js';
import { useAnnounce } from '../ui/announcer.js';
import { useUsher } from '../service/usher-context.js';

/** Has the tickets, and news of the booking, mailed to an address. */
export function MailForm({ booking: { bookingId, status } }: { readonly booking: Booking }) {
  const { bookings } = useUsher();
  const announce = useAnnounce();
  const [email, setEmail] = useState('');
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ isBad: boolean; text: string } | null>(null);
  const ids = { email: useId(), said: useId() };
  const isBooked = status === 'booked';

  const send = async () => {
    setBusy(true);
    setSaid(null);
    const tell = (isBad: boolean, text: string) => {
      setSaid({ isBad, text });
      announce(text, isBad ? 'assertive' : 'polite');
    };
    try {
      await bookings.mailTo(bookingId, email);
      tell(false, isBooked ? `Your tickets are on their way to ${email}.` : `Your tickets will be sent to ${email}.`);
    } catch (thrown) {
      tell(true, describeMailError(thrown));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      className="mail-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void send();
      }}
    >
      <label htmlFor={ids.email}>{isBooked ? 'Send to my e-mail' : 'E-mail for the tickets'}</label>
      <div className="mail-row">
        <input
          id={ids.email}
          type="email"
          autoComplete="email"
          required
          maxLength={254}
          value={email}
          aria-describedby={ids.said}
          onChange={({ target: { value } }) => setEmail(value)}
        />
        <button type="submit" className="button" aria-disabled={busy}>
          {isBooked ? 'Send' : 'Save'}
        </button>
      </div>
      <p id={ids.said} className={said?.isBad ? 'status-text status-text-bad' : 'secondary-text'}>
        {said?.text ?? 'Also told there: a refund, or if the show is called off. Forgotten soon after the show.'}
      </p>
    </form>
  );
}

const describeMailError = (thrown: unknown): string =>
  thrown instanceof UsherError && thrown.code === 'INVALID_REQUEST'
    ? 'That is no e-mail address. Please check it.'
    : describeError(thrown).text;
