import type { DisputeOutcome, ProviderEvent } from './payment-gateway.js';

/** The report of a webhook, as the columns of `payment_event` store it. */
export interface ReportColumns {
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

const emptyColumns = { amount: null, currency: null, disputeId: null, captureReference: null };

/** Converts a report to the columns of its row. */
export function toReportColumns(report: ProviderEvent['report']): ReportColumns {
  switch (report.status) {
    case 'succeeded':
      return {
        ...emptyColumns,
        status: report.status,
        ...report.captured,
        captureReference: report.captureReference ?? null,
      };
    case 'refunded':
      return { ...emptyColumns, status: report.status, ...report.refunded };
    case 'disputed':
      return { ...emptyColumns, status: disputeStatus[report.outcome], disputeId: report.disputeId };
    default:
      return { ...emptyColumns, status: report.status };
  }
}

/** Converts the columns of a row to its report. @throws if the status is unknown */
export function toReport({
  status,
  amount,
  currency,
  disputeId,
  captureReference,
}: ReportColumns): ProviderEvent['report'] {
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
      throw new Error(`unknown status of a payment event: ${status}`);
  }
}
