import type { Payment } from '@usher/contract';
import { useCallback, useId, useState } from 'react';
import type { Hold } from '../bookings/booking.js';
import { formatMoney } from '../ui/format.js';
import { useLoad } from '../service/use-load.js';
import { useUsher } from '../service/usher-context.js';
import { describePayment } from '../bookings/payment-text.js';
import { QrCode } from '../ui/qr-code.js';
import { type PaymentActions, usePayment } from './use-payment.js';
import './payments.css';

/** Pays for a hold: begins, goes on with what was begun, says how it stands. */
export function PayPanel({ hold }: { readonly hold: Hold }) {
  const paying = usePayment(hold);
  const { payment } = hold;
  // Of the payment that is waited for: another one may be begun beside it.
  const [besides, setBesides] = useState<string | null>(null);
  const isAwaited = payment?.status === 'pending' && besides !== payment.paymentId;
  return (
    <div className="pay-panel">
      <PaymentNotice hold={hold} />
      {isAwaited ? (
        <PendingPayment
          // Another payment is another page.
          key={payment.paymentId}
          paymentId={payment.paymentId}
          onOther={() => setBesides(payment.paymentId)}
        />
      ) : (
        <PaymentStart hold={hold} paying={paying} />
      )}
      {paying.refusal !== null && (
        <p className="notice notice-bad">
          <span>
            <strong>{paying.refusal.title}.</strong> {paying.refusal.text}
          </span>
        </p>
      )}
    </div>
  );
}

function PaymentNotice({ hold }: { readonly hold: Hold }) {
  const words = describePayment(hold);
  if (words === null) return null;
  return (
    <p className={`notice notice-${words.tone}`}>
      <span>
        <strong>{words.title}.</strong> {words.text}
      </span>
    </p>
  );
}

interface PaymentStartProps {
  readonly hold: Hold;
  readonly paying: PaymentActions;
}

/** The ways to pay, and what is to be done should the money come too late. */
function PaymentStart({ hold, paying: { busy, pay } }: PaymentStartProps) {
  const [mayBeOthers, setMayBeOthers] = useState(false);
  const price = formatMoney(hold.total);
  const isAgain = hold.payment?.status === 'declined' || hold.payment?.status === 'failed';
  return (
    <>
      <label className="checkbox-row accept-others">
        <input type="checkbox" checked={mayBeOthers} onChange={({ target: { checked } }) => setMayBeOthers(checked)} />
        <span>
          If my payment comes too late and these seats are gone, give me seats like them.{' '}
          <span className="secondary-text">Otherwise you get your money back.</span>
        </span>
      </label>
      <p className="actions actions-filled">
        <button
          type="button"
          className="button button-main"
          aria-disabled={busy}
          onClick={() => pay('card', mayBeOthers)}
        >
          {busy ? 'One moment …' : isAgain ? `Try again to pay ${price}` : `Pay ${price}`}
        </button>
        <button type="button" className="button" aria-disabled={busy} onClick={() => pay('qr', mayBeOthers)}>
          Pay on another device
        </button>
      </p>
    </>
  );
}

interface PendingPaymentProps {
  readonly paymentId: string;
  readonly onOther: () => void;
}

/** Leads on with a payment that was begun: to its page, or by its code. */
function PendingPayment({ paymentId, onOther }: PendingPaymentProps) {
  const { bookings } = useUsher();
  const read = useCallback(() => bookings.waitForPaymentPage(paymentId), [bookings, paymentId]);
  const loaded = useLoad(read);
  return (
    <>
      {loaded.state === 'ready' && <PaymentCode payment={loaded.value} />}
      <p className="actions actions-filled">
        {loaded.state === 'ready' && loaded.value.qrCode === null && loaded.value.redirectUrl !== null && (
          <a className="button button-main" href={loaded.value.redirectUrl}>
            Go on paying
          </a>
        )}
        {loaded.state === 'failed' && (
          <button type="button" className="button" onClick={loaded.retry}>
            Find my payment
          </button>
        )}
        <button type="button" className="button" onClick={onOther}>
          Pay in another way
        </button>
      </p>
    </>
  );
}

/** The code of a payment that is paid on another device. */
function PaymentCode({ payment: { qrCode, price } }: { readonly payment: Payment }) {
  const titleId = useId();
  if (qrCode === null) return null;
  return (
    <section className="pay-code" aria-labelledby={titleId}>
      <h3 id={titleId}>Scan to pay {formatMoney(price)}</h3>
      <QrCode text={qrCode} label="Code to pay on another device" />
      <p>
        Scan this with your phone’s camera and pay there. This page goes on by itself.{' '}
        <a href={qrCode} target="_blank" rel="noopener">
          Open it on this device <span className="visually-hidden">(opens a new tab)</span>
          <span aria-hidden="true">↗</span>
        </a>
      </p>
    </section>
  );
}
