/** The buyer for whom a call holds seats, joins a line or enters a show, and where the call comes from. */
export interface Buyer {
  readonly sessionId: string;
  /**
   * Names the network address, the API key or the sign-in of an operator from which the call comes. Budgets and risk count by it. It contains no
   * address: it is a digest with a key that the service deletes after a day (see `BuyerSources`).
   */
  readonly source: string;
  /** True if the call comes with an API key that sells, such as that of a kiosk, or from an operator who sells. */
  readonly isSeller: boolean;
}
