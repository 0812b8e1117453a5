/** Keeps one value per show, and forgets the oldest show beyond a maximum. */
export class PerShow<Value extends object> {
  // Most sessions call one show. A map for it would double the memory of a session.
  private firstShowId: number | null = null;
  private first: Value | null = null;
  private others: Map<number, Value> | null = null;

  constructor(
    private readonly showsMax: number,
    private readonly create: () => Value,
  ) {}

  /** Returns the value of a show, or null if there is none yet. */
  find(showId: number): Value | null {
    return this.firstShowId === showId ? this.first : (this.others?.get(showId) ?? null);
  }

  /** Returns the value of a show. Creates it at the first call. */
  of(showId: number): Value {
    const known = this.find(showId);
    if (known) return known;
    const created = this.create();
    if (this.firstShowId === null) {
      this.firstShowId = showId;
      this.first = created;
    } else this.addOther(showId, created);
    return created;
  }

  private addOther(showId: number, value: Value): void {
    this.others ??= new Map();
    const [oldest] = this.others.keys();
    if (oldest !== undefined && this.others.size >= this.showsMax - 1) this.others.delete(oldest);
    this.others.set(showId, value);
  }
}
