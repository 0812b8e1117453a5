import type { DisputeOutcome, ProviderEvent } from './payment-gateway.js';

/** What a webhook said, as its row has it. */
export interface SeenColumns {
  readonly status: string;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly disputeId: string | null;
  readonly captureReference: string | null;
}

const disputeStatus: Readonly<Record<DisputeOutcome, string>> = {
  open: 'disputeOpen',
  won: 'disputeWon',
  lost: 'disputeLost',
};

const nothing = { amount: null, currency: null, disputeId: null, captureReference: null };

/** The columns of what a webhook said. */
export function toColumns(seen: ProviderEvent['seen']): SeenColumns {
  switch (seen.status) {
    case 'succeeded':
      return { ...nothing, status: seen.status, ...seen.captured, captureReference: seen.captureReference ?? null };
    case 'refunded':
      return { ...nothing, status: seen.status, ...seen.refunded };
    case 'disputed':
      return { ...nothing, status: disputeStatus[seen.outcome], disputeId: seen.disputeId };
    default:
      return { ...nothing, status: seen.status };
  }
}

/** What a webhook said, from its columns. @throws when they are no such thing */
export function toSeen({ status, amount, currency, disputeId, captureReference }: SeenColumns): ProviderEvent['seen'] {
  const money = { amount: amount ?? 0, currency: currency ?? '' };
  switch (status) {
    case 'succeeded':
      return { status, captured: money, captureReference };
    case 'refunded':
      return { status, refunded: money };
    case 'pending':
    case 'declined':
    case 'failed':
      return { status };
    case 'disputeOpen':
    case 'disputeWon':
    case 'disputeLost': {
      const outcome = status === 'disputeOpen' ? 'open' : status === 'disputeWon' ? 'won' : 'lost';
      return { status: 'disputed', disputeId: disputeId ?? '', outcome };
    }
    default:
      throw new Error(`no webhook says ${status}`);
  }
}
