/** Stripe's refusal of a request. */
export class StripeRefusal extends Error {
  override readonly name = 'StripeRefusal';
  readonly body: object;

  constructor(
    code: string | null,
    message: string,
    readonly status = 400,
  ) {
    super(message);
    this.body = { type: 'invalid_request_error', message, ...(code !== null && { code }) };
  }
}

/** A Checkout Session of Stripe. */
export interface DoubleSession {
  readonly id: string;
  readonly object: 'checkout.session';
  readonly amount_total: number;
  readonly currency: string;
  /** Null until the session is paid, as at Stripe. Stays null if the price is zero. */
  payment_intent: string | null;
  readonly metadata: Record<string, string>;
  url: string;
  status: 'open' | 'complete' | 'expired';
  payment_status: 'unpaid' | 'paid' | 'no_payment_required';
}

/** A charge of Stripe, which is the money that a paid session captured. */
export interface DoubleCharge {
  readonly id: string;
  readonly object: 'charge';
  readonly amount: number;
  amount_refunded: number;
  readonly currency: string;
  readonly payment_intent: string;
  readonly metadata: Record<string, string>;
  refunded: boolean;
  disputed: boolean;
}

interface DoubleRefund {
  readonly id: string;
  readonly object: 'refund';
  status: string;
  readonly amount: number;
  readonly payment_intent: string;
}

/**
 * Minimum charge per currency in Stripe's units, for an account that settles in that currency. The figures are from
 * Stripe's documentation.
 */
const smallest: Readonly<Record<string, number>> = {
  usd: 50,
  eur: 50,
  gbp: 30,
  jpy: 50,
  chf: 50,
  huf: 17_500,
  mxn: 1000,
};

const largest: Readonly<Record<string, number>> = { idr: 999_999_999_999, huf: 9_999_999_999, cop: 9_999_999_999 };

/** The records of the Stripe double: sessions, charges and refunds, with Stripe's rules for refusals. */
export class StripeBooks {
  /** The statuses of the next refunds, one per refund. All refunds after them succeed. */
  readonly refundStatuses: string[] = [];
  private readonly sessions = new Map<string, DoubleSession>();
  private readonly charges = new Map<string, DoubleCharge>();
  private readonly refunds = new Map<string, DoubleRefund>();
  private named = 0;

  /** Returns the Checkout Session of a payment. */
  findSession(paymentId: string): DoubleSession {
    const session = [...this.sessions.values()].find(({ metadata }) => metadata['paymentId'] === paymentId);
    if (!session) throw new Error('there is no Checkout Session of this payment');
    return session;
  }

  /** Returns the charge of a paid payment. */
  findCharge(paymentId: string): DoubleCharge {
    const charge = this.charges.get(this.findSession(paymentId).payment_intent ?? '');
    if (!charge) throw new Error('this payment has taken no money');
    return charge;
  }

  /** Pays a payment, as the buyer does on Stripe's page. */
  pay(paymentId: string): DoubleSession {
    const session = this.findSession(paymentId);
    session.status = 'complete';
    if (session.amount_total === 0) {
      session.payment_status = 'no_payment_required';
      return session;
    }
    const intent = `pi_of_${session.id}`;
    session.payment_status = 'paid';
    session.payment_intent = intent;
    const { amount_total: amount, currency, metadata } = session;
    this.charges.set(intent, {
      id: `ch_of_${session.id}`,
      object: 'charge',
      amount,
      amount_refunded: 0,
      currency,
      payment_intent: intent,
      metadata,
      refunded: false,
      disputed: false,
    });
    return session;
  }

  /**
   * Refunds money as staff do in Stripe's dashboard. Returns the charge in the shape that the event `charge.refunded`
   * has.
   */
  refundInDashboard(paymentId: string, amount: number): DoubleCharge {
    const charge = this.findCharge(paymentId);
    this.beginRefund({ payment_intent: charge.payment_intent, amount: String(amount) });
    return { ...charge };
  }

  /**
   * Opens a dispute, as the buyer's bank does. Returns the dispute in the shape that the event `charge.dispute.created`
   * has.
   */
  dispute(paymentId: string) {
    const charge = this.findCharge(paymentId);
    charge.disputed = true;
    const { amount, currency, payment_intent, id } = charge;
    const base = { id: `dp_of_${id}_${++this.named}`, object: 'dispute', amount, currency, charge: id, payment_intent };
    return { ...base, metadata: {}, status: 'needs_response' };
  }

  /** Gives every pending refund its final status. */
  settleRefunds(status: string): void {
    for (const refund of this.refunds.values()) {
      if (refund.status !== 'pending') continue;
      refund.status = status;
      const charge = this.charges.get(refund.payment_intent);
      if (charge && status === 'failed') charge.amount_refunded -= refund.amount;
    }
  }

  /** The sum of successful refunds in Stripe's units. */
  get refunded(): number {
    return [...this.refunds.values()].reduce(
      (sum, { status, amount }) => sum + (status === 'succeeded' ? amount : 0),
      0,
    );
  }

  /** Answers a request to the API. @throws StripeRefusal */
  answer(method: string, { pathname, searchParams }: URL, form: Readonly<Record<string, string>>): unknown {
    const intent = searchParams.get('payment_intent');
    const list = (data: unknown[]) => ({ object: 'list', data, has_more: false });
    switch (`${method} ${pathname}`) {
      case 'POST /v1/checkout/sessions':
        return this.openSession(form);
      case 'POST /v1/refunds':
        return this.beginRefund(form);
      case 'GET /v1/charges':
        return list([...this.charges.values()].filter(({ payment_intent }) => payment_intent === intent));
      case 'GET /v1/checkout/sessions':
        return list([...this.sessions.values()].filter(({ payment_intent }) => payment_intent === intent));
    }
    const [, expiring] = /^POST \/v1\/checkout\/sessions\/([^/]+)\/expire$/.exec(`${method} ${pathname}`) ?? [];
    if (expiring !== undefined) return this.expireSession(expiring);
    const id = pathname.split('/').at(-1) ?? '';
    const found = method === 'GET' ? (this.sessions.get(id) ?? this.refunds.get(id)) : undefined;
    if (!found) throw new StripeRefusal('resource_missing', `No such object: ${id}`, 404);
    return found;
  }

  private openSession(form: Readonly<Record<string, string>>): DoubleSession {
    const id = `cs_test_${++this.named}`;
    const amount = Number(form['line_items[0][price_data][unit_amount]']);
    const currency = form['line_items[0][price_data][currency]'] ?? '';
    refuseStep(amount, currency);
    if (amount > 0 && amount < (smallest[currency] ?? 0)) {
      throw new StripeRefusal(
        'amount_too_small',
        "The Checkout Session's total amount must convert to at least 50 cents.",
      );
    }
    if (amount > (largest[currency] ?? 99_999_999)) {
      throw new StripeRefusal('amount_too_large', 'The amount is larger than Stripe takes.');
    }
    const session: DoubleSession = {
      id,
      object: 'checkout.session',
      amount_total: amount,
      currency,
      payment_intent: null,
      metadata: { showId: form['metadata[showId]'] ?? '', paymentId: form['metadata[paymentId]'] ?? '' },
      url: `https://checkout.stripe.com/c/pay/${id}`,
      status: 'open',
      payment_status: 'unpaid',
    };
    this.sessions.set(id, session);
    return session;
  }

  private expireSession(id: string): DoubleSession {
    const session = this.sessions.get(id);
    if (!session) throw new StripeRefusal('resource_missing', `No such checkout.session: ${id}`, 404);
    if (session.status !== 'open')
      throw new StripeRefusal(null, `Only Checkout Sessions with a status in ["open"] can be expired.`);
    session.status = 'expired';
    return session;
  }

  private beginRefund(form: Readonly<Record<string, string>>): DoubleRefund {
    const amount = Number(form['amount']);
    const charge = this.charges.get(form['payment_intent'] ?? '');
    if (!charge) throw new StripeRefusal('resource_missing', 'No such payment_intent', 404);
    if (charge.disputed) throw new StripeRefusal('charge_disputed', 'The charge has been charged back.');
    const left = charge.amount - charge.amount_refunded;
    if (left === 0)
      throw new StripeRefusal('charge_already_refunded', `Charge ${charge.id} has already been refunded.`);
    refuseStep(amount, charge.currency);
    if (amount > left) {
      throw new StripeRefusal(null, `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`);
    }
    const status = this.refundStatuses.shift() ?? 'succeeded';
    const refund: DoubleRefund = {
      id: `re_${++this.named}`,
      object: 'refund',
      status,
      amount,
      payment_intent: charge.payment_intent,
    };
    this.refunds.set(refund.id, refund);
    charge.amount_refunded += amount;
    charge.refunded = charge.amount_refunded === charge.amount;
    return refund;
  }
}

/**
 * Refuses an amount that breaks Stripe's rules for its currency. See "Three-decimal currencies" and "Special cases" at
 * https://docs.stripe.com/currencies.
 */
function refuseStep(amount: number, currency: string): void {
  if (!Number.isInteger(amount) || amount < 0) throw new StripeRefusal('parameter_invalid_integer', 'Invalid integer');
  const step = ['isk', 'ugx'].includes(currency)
    ? 100
    : ['bhd', 'jod', 'kwd', 'omr', 'tnd'].includes(currency)
      ? 10
      : 1;
  if (amount % step === 0) return;
  throw new StripeRefusal('invalid_charge_amount_no_decimal_compatible', `Invalid amount for ${currency}`);
}
