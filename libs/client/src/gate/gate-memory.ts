import { type CheckIn, CheckInResult, GateList, Instant } from '@usher/contract';
import type { Admission } from './gate-verdict.js';
import type { GateConflict, GateStorage } from './gate-types.js';

/** Somebody who is in, and may not be on the list as such. */
type Entered = Pick<Admission, 'ticketId' | 'at' | 'gate'>;

/** What is kept, by name; each is written as a whole, so the long list is not written with every scan. */
interface Kept {
  readonly list: { readonly list: GateList; readonly offsetMs: number };
  readonly entered: readonly Entered[];
  readonly admissions: readonly Admission[];
  readonly conflicts: readonly GateConflict[];
}

/** What one gate knows and did, kept so that it survives a page that is closed and a machine that is switched off. */
export class GateMemory {
  list: GateList | null = null;
  /** Whom the server does not know of yet. */
  admissions: readonly Admission[] = [];
  conflicts: readonly GateConflict[] = [];
  /** Who went in since the list was made, by ticket, as far as this gate knows: by itself, or by the server's word. */
  readonly entered = new Map<string, Entered>();
  /** How far the server's clock is ahead of this machine's. */
  private offsetMs = 0;

  /** @param showId whose gate it is: each show's is kept apart */
  constructor(
    private readonly showId: number,
    private readonly storage: GateStorage | undefined,
  ) {}

  /** The server's clock, as it was told with the list; milliseconds since 1970. */
  serverNow(): number {
    return Date.now() + this.offsetMs;
  }

  /** Reads what was kept. What cannot be read, or makes no sense any more, is as if it were not there. */
  async read(): Promise<void> {
    const [list, entered, admissions, conflicts] = await Promise.all([
      this.kept('list'),
      this.kept('entered'),
      this.kept('admissions'),
      this.kept('conflicts'),
    ]);
    const known = isRecord(list) ? GateList.safeParse(list['list']) : null;
    if (known?.success && isRecord(list)) {
      this.list = known.data;
      this.offsetMs = typeof list['offsetMs'] === 'number' ? list['offsetMs'] : 0;
    }
    this.admissions = arrayOf(admissions, isAdmission);
    this.conflicts = arrayOf(conflicts, isConflict);
    for (const one of [...arrayOf(entered, isEntered), ...this.admissions]) this.entered.set(one.ticketId, one);
  }

  async setList(list: GateList, offsetMs: number): Promise<void> {
    this.list = list;
    this.offsetMs = offsetMs;
    // The list has who went in before it was made, but for those that wait to be handed in.
    const since = [...this.entered.values()].filter(({ at }) => at >= list.madeAt);
    this.entered.clear();
    for (const one of [...since, ...this.admissions]) this.entered.set(one.ticketId, one);
    await this.keepIfPossible('list', { list, offsetMs });
    await this.keepIfPossible('entered', [...this.entered.values()]);
  }

  /** Fulfilled when it is kept. @throws when it cannot be: then nobody is to be let in */
  async admit(admission: Admission): Promise<void> {
    const before = this.admissions;
    this.entered.set(admission.ticketId, admission);
    this.admissions = [...before, admission];
    try {
      await this.keep('admissions', this.admissions);
    } catch (error) {
      this.entered.delete(admission.ticketId);
      this.admissions = this.admissions.filter((one) => one !== admission);
      throw error;
    }
  }

  /** The conflicts first: what is in both is handed in again, what is in neither is lost. */
  async handedIn(some: readonly Admission[], conflicts: readonly GateConflict[]): Promise<void> {
    const isNew = ({ at, label }: GateConflict) => !this.conflicts.some((one) => one.at === at && one.label === label);
    const more = conflicts.filter(isNew);
    if (more.length > 0) await this.setConflicts([...this.conflicts, ...more]);
    this.admissions = this.admissions.filter((one) => !some.includes(one));
    await this.keep('admissions', this.admissions);
  }

  async setConflicts(conflicts: readonly GateConflict[]): Promise<void> {
    this.conflicts = conflicts;
    await this.keep('conflicts', conflicts);
  }

  /** The server says that one is in, just now or before. */
  async noteEntered({ ticket, usedAt, gate }: CheckIn): Promise<void> {
    if (ticket?.showId !== this.showId || usedAt === null) return;
    this.entered.set(ticket.ticketId, { ticketId: ticket.ticketId, at: usedAt, gate: gate ?? '' });
    await this.keepIfPossible('entered', [...this.entered.values()]);
  }

  counts(): { tickets: number; used: number } {
    const tickets = this.list?.tickets.filter(({ status }) => status !== 'refunded') ?? [];
    const used = tickets.filter(({ status, ticketId }) => status === 'used' || this.entered.has(ticketId));
    return { tickets: tickets.length, used: used.length };
  }

  private async kept(name: keyof Kept): Promise<unknown> {
    try {
      return await this.storage?.get(`${this.showId}/${name}`);
    } catch {
      return undefined;
    }
  }

  /** Keeps what only who starts anew without the network would miss. */
  private async keepIfPossible<Name extends keyof Kept>(name: Name, value: Kept[Name]): Promise<void> {
    try {
      await this.keep(name, value);
    } catch {
      // A storage that is full or forbidden takes nothing away from the gate that runs.
    }
  }

  private async keep<Name extends keyof Kept>(name: Name, value: Kept[Name]): Promise<void> {
    await this.storage?.set(`${this.showId}/${name}`, value);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const arrayOf = <T>(value: unknown, isOne: (one: unknown) => one is T): T[] =>
  Array.isArray(value) ? value.filter(isOne) : [];

const hasTexts = (value: unknown, names: readonly string[]): value is Record<string, unknown> =>
  isRecord(value) && names.every((name) => typeof value[name] === 'string');

const isEntered = (value: unknown): value is Entered => hasTexts(value, ['ticketId', 'at', 'gate']);

const isAdmission = (value: unknown): value is Admission =>
  hasTexts(value, ['code', 'ticketId', 'label', 'gate', 'key']) && Instant.safeParse(value['at']).success;

const isConflict = (value: unknown): value is GateConflict =>
  hasTexts(value, ['label', 'at']) && CheckInResult.safeParse(value['result']).success;
