/** Counts how many things are open per key, for example the connections of each address. Remembers only keys with open things. */
export class OpenCounter {
  private readonly counts = new Map<string, number>();

  countOf(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  /** Adds one to the count of a key. @returns a function that subtracts it again; further calls of it do nothing */
  open(key: string): () => void {
    this.counts.set(key, this.countOf(key) + 1);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      const left = this.countOf(key) - 1;
      if (left > 0) this.counts.set(key, left);
      else this.counts.delete(key);
    };
  }
}
