/** Maximum number of spans that are remembered. Beyond it, overlaps with the oldest span count twice. */
const spansMax = 64;

/** A time without a gap, in ms since 1970. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * The time for which a session held unpaid seats of a show. A time at which it had several holds counts once. The order in
 * which the holds are added does not matter.
 */
export class UnpaidTime {
  /** No two spans overlap or touch. */
  private spans: readonly Span[] = [];

  /** Adds the time of a hold. Returns the part that no earlier hold covers, in ms. */
  add(from: number, to: number): number {
    if (to <= from) return 0;
    let covered = 0;
    let merged: Span = { from, to };
    const others: Span[] = [];
    for (const span of this.spans) {
      if (span.to < from || span.from > to) {
        others.push(span);
        continue;
      }
      covered += Math.min(span.to, to) - Math.max(span.from, from);
      merged = { from: Math.min(span.from, merged.from), to: Math.max(span.to, merged.to) };
    }
    this.spans = [...others, merged].slice(-spansMax);
    return to - from - covered;
  }
}
