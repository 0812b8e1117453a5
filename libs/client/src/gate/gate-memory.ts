import { type CheckIn, CheckInResult, GateList, Instant } from '@usher/contract';
import type { GateConflict, GateStorage } from './gate-types.js';
import type { Admission } from './gate-verdict.js';

/** A ticket that this gate or another gate has admitted. The list may not show the admission yet. */
type AdmittedTicket = Pick<Admission, 'ticketId' | 'at' | 'gate'>;

/**
 * The stored values by name. The names must not change, because gates in use have stored data under them. The gate
 * always writes a value as a whole. The list is stored as a separate value, so that a scan does not write the long list
 * again.
 */
interface StoredValues {
  readonly list: { readonly list: GateList; readonly offsetMs: number };
  readonly entered: readonly AdmittedTicket[];
  readonly admissions: readonly Admission[];
  readonly conflicts: readonly GateConflict[];
}

/** The data of one gate: its list, its admissions and its conflicts. It is stored, so that it survives a restart. */
export class GateMemory {
  list: GateList | null = null;
  /** Admissions that the server does not know yet. */
  admissions: readonly Admission[] = [];
  conflicts: readonly GateConflict[] = [];
  /** The tickets that were admitted since the list was made, as far as this gate knows. The keys are ticket ids. */
  readonly admitted = new Map<string, AdmittedTicket>();
  /** How far the server's clock is ahead of this machine's clock, in milliseconds. */
  private offsetMs = 0;

  /** @param showId the gate's show. The data of each show is stored separately */
  constructor(
    private readonly showId: number,
    private readonly storage: GateStorage | undefined,
  ) {}

  /**
   * Returns the server's time in milliseconds since the epoch. Uses the offset that was estimated when the list was
   * read.
   */
  serverNow(): number {
    return Date.now() + this.offsetMs;
  }

  /** Loads the stored data. Ignores data that cannot be read or is not valid. */
  async load(): Promise<void> {
    const [list, entered, admissions, conflicts] = await Promise.all([
      this.readValue('list'),
      this.readValue('entered'),
      this.readValue('admissions'),
      this.readValue('conflicts'),
    ]);
    const parsed = isRecord(list) ? GateList.safeParse(list['list']) : null;
    if (parsed?.success && isRecord(list)) {
      this.list = parsed.data;
      this.offsetMs = typeof list['offsetMs'] === 'number' ? list['offsetMs'] : 0;
    }
    this.admissions = arrayOf(admissions, isAdmission);
    this.conflicts = arrayOf(conflicts, isConflict);
    for (const ticket of [...arrayOf(entered, isAdmittedTicket), ...this.admissions]) {
      this.admitted.set(ticket.ticketId, ticket);
    }
  }

  /** Replaces the list. @param offsetMs how far the server's clock is ahead of this machine's clock */
  async setList(list: GateList, offsetMs: number): Promise<void> {
    this.list = list;
    this.offsetMs = offsetMs;
    // The new list shows all admissions before `madeAt`, except the ones that this gate has not reported yet.
    const later = [...this.admitted.values()].filter(({ at }) => at >= list.madeAt);
    this.admitted.clear();
    for (const ticket of [...later, ...this.admissions]) this.admitted.set(ticket.ticketId, ticket);
    await this.writeIfPossible('list', { list, offsetMs });
    await this.writeIfPossible('entered', [...this.admitted.values()]);
  }

  /**
   * Adds an offline admission. Resolves when the admission is stored.
   *
   * @throws if the admission cannot be stored. In that case, the gate must not admit the ticket
   */
  async addAdmission(admission: Admission): Promise<void> {
    const before = this.admissions;
    this.admitted.set(admission.ticketId, admission);
    this.admissions = [...before, admission];
    try {
      await this.write('admissions', this.admissions);
    } catch (error) {
      this.admitted.delete(admission.ticketId);
      this.admissions = this.admissions.filter((other) => other !== admission);
      throw error;
    }
  }

  /**
   * Removes admissions that were reported to the server, and adds the conflicts from its answers. It stores the
   * conflicts first. If the gate stops between the two writes, it reports the admissions again later. In the opposite
   * order, conflicts could get lost.
   */
  async removeReported(reported: readonly Admission[], conflicts: readonly GateConflict[]): Promise<void> {
    const isNew = ({ at, label }: GateConflict) =>
      !this.conflicts.some((known) => known.at === at && known.label === label);
    const newConflicts = conflicts.filter(isNew);
    if (newConflicts.length > 0) await this.setConflicts([...this.conflicts, ...newConflicts]);
    this.admissions = this.admissions.filter((admission) => !reported.includes(admission));
    await this.write('admissions', this.admissions);
  }

  async setConflicts(conflicts: readonly GateConflict[]): Promise<void> {
    this.conflicts = conflicts;
    await this.write('conflicts', conflicts);
  }

  /** Records that a ticket was admitted, now or earlier, if an answer of the server says so. */
  async recordAnswer({ ticket, usedAt, gate }: CheckIn): Promise<void> {
    if (ticket?.showId !== this.showId || usedAt === null) return;
    this.admitted.set(ticket.ticketId, { ticketId: ticket.ticketId, at: usedAt, gate: gate ?? '' });
    await this.writeIfPossible('entered', [...this.admitted.values()]);
  }

  /** Counts the tickets on the list that were not refunded, and how many of them were admitted. */
  countTickets(): { ticketCount: number; usedCount: number } {
    const tickets = this.list?.tickets.filter(({ status }) => status !== 'refunded') ?? [];
    const used = tickets.filter(({ status, ticketId }) => status === 'used' || this.admitted.has(ticketId));
    return { ticketCount: tickets.length, usedCount: used.length };
  }

  private async readValue(name: keyof StoredValues): Promise<unknown> {
    try {
      return await this.storage?.get(`${this.showId}/${name}`);
    } catch {
      return undefined;
    }
  }

  /** Stores a value that the gate needs only after a restart without network. Ignores a failure of the storage. */
  private async writeIfPossible<Name extends keyof StoredValues>(name: Name, value: StoredValues[Name]): Promise<void> {
    try {
      await this.write(name, value);
    } catch {
      // The storage may be full or forbidden. The running gate does not need it for this value.
    }
  }

  private async write<Name extends keyof StoredValues>(name: Name, value: StoredValues[Name]): Promise<void> {
    await this.storage?.set(`${this.showId}/${name}`, value);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const arrayOf = <T>(value: unknown, isItem: (item: unknown) => item is T): T[] =>
  Array.isArray(value) ? value.filter(isItem) : [];

const hasTexts = (value: unknown, names: readonly string[]): value is Record<string, unknown> =>
  isRecord(value) && names.every((name) => typeof value[name] === 'string');

const isAdmittedTicket = (value: unknown): value is AdmittedTicket => hasTexts(value, ['ticketId', 'at', 'gate']);

const isAdmission = (value: unknown): value is Admission =>
  hasTexts(value, ['code', 'ticketId', 'label', 'gate', 'key']) && Instant.safeParse(value['at']).success;

const isConflict = (value: unknown): value is GateConflict =>
  hasTexts(value, ['label', 'at']) && CheckInResult.safeParse(value['result']).success;
