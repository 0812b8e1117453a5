/** What is checked of a line, in the order of {@link LineReport.checks}. */
export type LineCheckName =
  'numbers' | 'hashes' | 'tickets' | 'receipts' | 'endings' | 'commitment' | 'shuffle' | 'order';

/** Something that cannot be if the line was kept as the contract says. */
export interface LineFinding {
  readonly check: LineCheckName | 'receipt';
  /** Number of the chain's entry that shows it, or null when it is no single one. */
  readonly n: number | null;
  /** For people. */
  readonly text: string;
}

/** One check and what came of it. */
export interface LineCheck {
  readonly name: LineCheckName;
  /** What holds when it holds, a sentence for people. */
  readonly title: string;
  /** `idle`: there is nothing to check, or not yet; `note` says why. */
  readonly state: 'holds' | 'fails' | 'idle';
  readonly note: string | null;
  readonly findings: readonly LineFinding[];
}

/** What has become of a ticket: the kind of the last thing that happened to it. `join` is: still waiting. */
export type TicketState = 'join' | 'leave' | 'expire' | 'admit' | 'offer' | 'lapse';

/** How many tickets, and how many of them are in each state now. */
export interface LineCounts {
  readonly tickets: number;
  /** Members of the lobby, whether or not they left again. */
  readonly lobby: number;
  readonly states: Readonly<Record<TicketState, number>>;
  /**
   * Offers in the seat line to another than the lowest place that waited. No finding: a party that the seats did not
   * fit keeps its place while smaller ones are served.
   */
  readonly offersOutOfOrder: number;
}

/** What {@link verifyLine} found. */
export interface LineReport {
  /** Whether nothing was found. */
  readonly holds: boolean;
  readonly checks: readonly LineCheck[];
  /** All checks' findings. */
  readonly findings: readonly LineFinding[];
  /** The tickets in the order of their places, recomputed; null while the lobby is open or the seed is not published. */
  readonly order: readonly number[] | null;
  readonly states: ReadonlyMap<number, TicketState>;
  readonly counts: LineCounts;
}

const titles: Readonly<Record<LineCheckName, string>> = {
  numbers: 'The entries of the chain are numbered 1, 2, 3 … without a gap',
  hashes: 'Every hash follows from its entry and from the hash before it',
  tickets: 'Tickets were given in order, 1, 2, 3 … without a gap',
  receipts: 'Everybody who joined was given a receipt of their own',
  endings: 'Every ticket stopped waiting at most once, and nothing happened to it before it joined',
  commitment: 'The SHA-256 of the seed is the published commitment',
  shuffle: 'There was one shuffle at most, of all who had joined by then',
  order: 'Nobody was overtaken: each admission was of the lowest place still waiting',
};

const names = Object.keys(titles) as LineCheckName[];

/** Gathers what the checks find. */
export class LineFindings {
  private readonly found: LineFinding[] = [];
  private readonly idle = new Map<LineCheckName, string>();

  add(check: LineCheckName, n: number | null, text: string): void {
    this.found.push({ check, n, text });
  }

  /** Says that a check has nothing to check. Findings count for more. */
  leave(check: LineCheckName, note: string): void {
    this.idle.set(check, note);
  }

  get all(): readonly LineFinding[] {
    return this.found;
  }

  /** Every check with its result. */
  checks(): LineCheck[] {
    return names.map((name) => {
      const findings = this.found.filter(({ check }) => check === name);
      const note = findings.length === 0 ? (this.idle.get(name) ?? null) : null;
      const state = findings.length > 0 ? 'fails' : note === null ? 'holds' : 'idle';
      return { name, title: titles[name], state, note, findings };
    });
  }
}
