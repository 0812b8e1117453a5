/** The behaviour of a test card. The contract documents the cards. */
export interface CardBehaviour {
  readonly outcome: 'succeeded' | 'declined';
  /** The code that the buyer must enter. */
  readonly code?: string;
  /**
   * How the provider sends the webhook. `late`: the webhook comes after the delay in the settings, and until then the
   * API reports `pending`. `twice`: the webhook comes twice, after an outdated webhook that reports `pending`.
   */
  readonly webhook: 'once' | 'late' | 'twice' | 'never';
  /** How long the provider delays its responses about the payment. */
  readonly silentMs?: number;
}

const cards: Readonly<Record<string, CardBehaviour>> = {
  '4242424242424242': { outcome: 'succeeded', webhook: 'once' },
  '4000000000000002': { outcome: 'declined', webhook: 'once' },
  '4000000000003220': { outcome: 'succeeded', code: '123456', webhook: 'once' },
  '4000000000000077': { outcome: 'succeeded', webhook: 'late' },
  '4000000000000085': { outcome: 'succeeded', webhook: 'twice' },
  '4000000000000341': { outcome: 'succeeded', webhook: 'never' },
  '4000000000009987': { outcome: 'succeeded', webhook: 'once', silentMs: 60_000 },
};

/** Finds a card by its number, with or without spaces. Returns null if there is no such card. */
export const findCard = (number: string): CardBehaviour | null => cards[number.replaceAll(/[\s-]/g, '')] ?? null;

/** The behaviour if the buyer agrees to pay on the page behind the QR code. */
export const consentPays: CardBehaviour = { outcome: 'succeeded', webhook: 'once' };

/** The behaviour if the buyer refuses to pay on that page. */
export const consentRefused: CardBehaviour = { outcome: 'declined', webhook: 'once' };
