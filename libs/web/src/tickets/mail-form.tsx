import { UsherError } from '@usher/client';
import type { Booking } from '@usher/contract';
import { useId, useState } from 'react';
import { describeError } from '../service/refusals.js';
import { useUsher } from '../service/usher-context.js';
import { useAnnounce } from '../ui/announcer.js';

/** Asks for the e-mail address to which the service sends the tickets and news about the booking. */
export function MailForm({ booking: { bookingId, status } }: { readonly booking: Booking }) {
  const { bookings } = useUsher();
  const announce = useAnnounce();
  const [email, setEmail] = useState('');
  const [isBusy, setIsBusy] = useState(false);
  const [result, setResult] = useState<{ isError: boolean; text: string } | null>(null);
  const ids = { email: useId(), result: useId() };
  const isBooked = status === 'booked';

  const send = async () => {
    setIsBusy(true);
    setResult(null);
    const report = (isError: boolean, text: string) => {
      setResult({ isError, text });
      announce(text, isError ? 'assertive' : 'polite');
    };
    try {
      await bookings.mailTo(bookingId, email);
      report(false, isBooked ? `Your tickets are on their way to ${email}.` : `We will send your tickets to ${email}.`);
    } catch (error) {
      report(true, describeMailError(error));
    } finally {
      setIsBusy(false);
    }
  };

  return (
    <form
      className="mail-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) void send();
      }}
    >
      <label htmlFor={ids.email}>{isBooked ? 'Send to my e-mail address' : 'E-mail address for the tickets'}</label>
      <div className="mail-row">
        <input
          id={ids.email}
          type="email"
          autoComplete="email"
          required
          maxLength={254}
          value={email}
          aria-describedby={ids.result}
          onChange={({ target: { value } }) => setEmail(value)}
        />
        <button type="submit" className="button" aria-disabled={isBusy}>
          {isBooked ? 'Send' : 'Save'}
        </button>
      </div>
      <p id={ids.result} className={result?.isError ? 'status-text status-text-bad' : 'secondary-text'}>
        {result?.text ??
          'We also write to you about a refund, or if the show is called off. We delete the address soon after the show.'}
      </p>
    </form>
  );
}

const describeMailError = (error: unknown): string =>
  error instanceof UsherError && error.code === 'INVALID_REQUEST'
    ? 'This is not a valid e-mail address. Please check it.'
    : describeError(error).text;
