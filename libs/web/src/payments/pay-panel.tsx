import type { Payment } from '@usher/contract';
import { useCallback, useId, useState } from 'react';
import type { Hold } from '../bookings/booking.js';
import { describePayment } from '../bookings/payment-text.js';
import { useLoad } from '../service/use-load.js';
import { useUsher } from '../service/usher-context.js';
import { formatMoney } from '../ui/format.js';
import { QrCode } from '../ui/qr-code.js';
import { type PaymentActions, usePayment } from './use-payment.js';
import './payments.css';

/** Lets the buyer pay for a hold, continue a started payment, and see its status. */
export function PayPanel({ hold }: { readonly hold: Hold }) {
  const paymentActions = usePayment(hold);
  const { payment } = hold;
  // The id of the pending payment that the buyer wants to replace with a new payment.
  const [replacedPaymentId, setReplacedPaymentId] = useState<string | null>(null);
  const isPending = payment?.status === 'pending' && replacedPaymentId !== payment.paymentId;
  const { refusal } = paymentActions;
  return (
    <div className="pay-panel">
      <PaymentNotice hold={hold} />
      {isPending ? (
        <PendingPayment
          // Each payment has its own page at the provider, so a new payment needs a new component.
          key={payment.paymentId}
          paymentId={payment.paymentId}
          onReplace={() => setReplacedPaymentId(payment.paymentId)}
        />
      ) : (
        <PaymentStart hold={hold} paymentActions={paymentActions} />
      )}
      {refusal !== null && (
        <p className="notice notice-bad">
          <span>
            <strong>{refusal.title}.</strong> {refusal.text}
          </span>
        </p>
      )}
    </div>
  );
}

function PaymentNotice({ hold }: { readonly hold: Hold }) {
  const payment = describePayment(hold);
  if (payment === null) return null;
  return (
    <p className={`notice notice-${payment.tone}`}>
      <span>
        <strong>{payment.title}.</strong> {payment.text}
      </span>
    </p>
  );
}

interface PaymentStartProps {
  readonly hold: Hold;
  readonly paymentActions: PaymentActions;
}

/** Offers the ways to pay. Asks whether the buyer accepts other seats if the payment comes too late. */
function PaymentStart({ hold, paymentActions: { isBusy, pay } }: PaymentStartProps) {
  const [acceptsOtherSeats, setAcceptsOtherSeats] = useState(false);
  const price = formatMoney(hold.total);
  const isRetry = hold.payment?.status === 'declined' || hold.payment?.status === 'failed';
  return (
    <>
      <label className="checkbox-row accept-others">
        <input
          type="checkbox"
          checked={acceptsOtherSeats}
          onChange={({ target: { checked } }) => setAcceptsOtherSeats(checked)}
        />
        <span>
          If my payment comes too late and these seats are taken, give me similar seats.{' '}
          <span className="secondary-text">Otherwise you get your money back.</span>
        </span>
      </label>
      <p className="actions actions-filled">
        <button
          type="button"
          className="button button-main"
          aria-disabled={isBusy}
          onClick={() => pay('card', acceptsOtherSeats)}
        >
          {isBusy ? 'Please wait …' : isRetry ? `Try again to pay ${price}` : `Pay ${price}`}
        </button>
        <button type="button" className="button" aria-disabled={isBusy} onClick={() => pay('qr', acceptsOtherSeats)}>
          Pay on another device
        </button>
      </p>
    </>
  );
}

interface PendingPaymentProps {
  readonly paymentId: string;
  /** Called when the buyer wants to pay in another way. */
  readonly onReplace: () => void;
}

/** Continues a started payment with a link to the provider's page or with a code. */
function PendingPayment({ paymentId, onReplace }: PendingPaymentProps) {
  const { bookings } = useUsher();
  const read = useCallback(() => bookings.waitForPaymentPage(paymentId), [bookings, paymentId]);
  const load = useLoad(read);
  return (
    <>
      {load.state === 'ready' && <PaymentCode payment={load.value} />}
      <p className="actions actions-filled">
        {load.state === 'ready' && load.value.qrCode === null && load.value.redirectUrl !== null && (
          <a className="button button-main" href={load.value.redirectUrl}>
            Continue to pay
          </a>
        )}
        {load.state === 'failed' && (
          <button type="button" className="button" onClick={load.retry}>
            Load my payment again
          </button>
        )}
        <button type="button" className="button" onClick={onReplace}>
          Pay in another way
        </button>
      </p>
    </>
  );
}

/** Shows the code of a payment on another device. */
function PaymentCode({ payment: { qrCode, price } }: { readonly payment: Payment }) {
  const titleId = useId();
  if (qrCode === null) return null;
  return (
    <section className="pay-code" aria-labelledby={titleId}>
      <h3 id={titleId}>Scan to pay {formatMoney(price)}</h3>
      <QrCode text={qrCode} label="Code to pay on another device" />
      <p>
        Scan this code with your phone’s camera and pay there. When you have paid, this page shows your tickets.{' '}
        <a href={qrCode} target="_blank" rel="noopener">
          Open it on this device <span className="visually-hidden">(opens a new tab)</span>
          <span aria-hidden="true">↗</span>
        </a>
      </p>
    </section>
  );
}
