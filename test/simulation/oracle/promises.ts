/**
 * A promise that was not kept: `promise` is its number in the design, or `sale` for its limits, `line` and `entry` for the
 * rules of the two lines, `proof` for what is published of them, `told` for what their waiters are told, and `lane` for a
 * failure inside that no fault explains.
 */
export interface Violation {
  readonly promise: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 'sale' | 'lane' | 'line' | 'entry' | 'proof' | 'told';
  readonly what: string;
}
