/** The checks of a line, in the order of {@link LineReport.checks}. */
const checkNames = [
  'numbers',
  'hashes',
  'lineTickets',
  'receipts',
  'endings',
  'commitment',
  'shuffle',
  'order',
] as const;
export type LineCheckName = (typeof checkNames)[number];

/** A contradiction between a proof and the rules of the line. */
export interface LineFinding {
  readonly check: LineCheckName | 'receipt';
  /**
   * The number of the chain entry that has the contradiction, or null if the contradiction is not in a single entry.
   */
  readonly n: number | null;
  /** A description for people. */
  readonly text: string;
}

/** One check and its result. */
export interface LineCheck {
  readonly name: LineCheckName;
  /** The rule that the check verifies, as a sentence for people. */
  readonly title: string;
  /** `skipped` if the check has nothing to verify, or cannot verify it yet. `note` then has the reason. */
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly note: string | null;
  readonly findings: readonly LineFinding[];
}

/** The state of a line ticket: the kind of its last event. `join` means that it is still waiting. */
export type LineTicketState = 'join' | 'leave' | 'expire' | 'admit' | 'offer' | 'lapse';

/** The numbers of line tickets in total and by state. */
export interface LineCounts {
  readonly lineTickets: number;
  /** Number of members of the lobby, including the members that have left since. */
  readonly lobby: number;
  readonly states: Readonly<Record<LineTicketState, number>>;
  /**
   * Number of offers in the line for seats that did not go to the lowest waiting place. Such offers are not findings.
   * If the seats do not fit a party, the party keeps its place while smaller parties behind it are served.
   */
  readonly offersOutOfOrder: number;
}

/** The result of {@link verifyLine}. */
export interface LineReport {
  /** True if there are no findings. */
  readonly isValid: boolean;
  readonly checks: readonly LineCheck[];
  /** The findings of all checks. */
  readonly findings: readonly LineFinding[];
  /**
   * The line tickets in the recomputed order of their places. Null while the lobby is open or the seed is not published.
   */
  readonly order: readonly number[] | null;
  /** The state of each line ticket. */
  readonly states: ReadonlyMap<number, LineTicketState>;
  readonly counts: LineCounts;
}

const titles: Readonly<Record<LineCheckName, string>> = {
  numbers: 'The entries of the chain are numbered 1, 2, 3 … without a gap',
  hashes: 'Every hash is computed from its entry and from the hash before it',
  lineTickets: 'Line tickets were given in order, 1, 2, 3 … without a gap',
  receipts: 'Everyone who joined received a receipt of their own',
  endings: 'Every line ticket stopped waiting at most once, and had no event before it joined',
  commitment: 'The SHA-256 of the seed is the published commitment',
  shuffle: 'There was at most one shuffle, and it included everyone who had joined before it',
  order: 'Nobody was overtaken, because each admission went to the lowest waiting place',
};

/** Collects the findings of the checks. */
export class LineFindings {
  private readonly findings: LineFinding[] = [];
  private readonly skipNotes = new Map<LineCheckName, string>();

  add(check: LineCheckName, n: number | null, text: string): void {
    this.findings.push({ check, n, text });
  }

  /** Marks a check as skipped. A finding of the same check overrides the mark. */
  skip(check: LineCheckName, note: string): void {
    this.skipNotes.set(check, note);
  }

  get all(): readonly LineFinding[] {
    return this.findings;
  }

  /** Returns every check with its result. */
  checks(): LineCheck[] {
    return checkNames.map((name) => {
      const findings = this.findings.filter(({ check }) => check === name);
      const note = findings.length === 0 ? (this.skipNotes.get(name) ?? null) : null;
      const stateWithoutFindings = note === null ? 'passed' : 'skipped';
      return {
        name,
        title: titles[name],
        state: findings.length > 0 ? 'failed' : stateWithoutFindings,
        note,
        findings,
      };
    });
  }
}
