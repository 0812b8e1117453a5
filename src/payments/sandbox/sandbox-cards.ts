/** What a card of the sandbox does: the contract's table. */
export interface CardBehaviour {
  readonly outcome: 'succeeded' | 'declined';
  /** The code that is asked for. */
  readonly code?: string;
  /** `late`: after the delay of the settings; who asks before is told `pending`. `twice`: the same event twice, after a stale `pending`. */
  readonly webhook: 'once' | 'late' | 'twice' | 'never';
  /** For how long the provider answers nothing about the payment. */
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

/** The behaviour of a card's number, however it is spaced; null: there is no such card. */
export const cardOf = (number: string): CardBehaviour | null => cards[number.replaceAll(/[\s-]/g, '')] ?? null;

/** Someone with another device agrees to pay what the code says. */
export const consentPays: CardBehaviour = { outcome: 'succeeded', webhook: 'once' };

/** … or does not. */
export const consentRefused: CardBehaviour = { outcome: 'declined', webhook: 'once' };
