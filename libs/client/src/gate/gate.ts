import { type CheckIn, GateList, offlineCheckInsMax, readScannedCode } from '@usher/contract';
import { toUsherError, UsherError } from '../common/errors.js';
import { type Admission, judge, ticketOfNumber } from './gate-verdict.js';
import { GateMemory } from './gate-memory.js';
import type { CheckIns, Gate, GateAnswer, GateConflict, GateOptions, GateView } from './gate-types.js';
import { Listeners } from '../common/listeners.js';
import { Repetition } from './repeating-task.js';
import { randomKey } from '../common/idempotency-key.js';
import { baseOf, Rest } from '../http/rest-client.js';
import { readTicketCode } from './ticket-code.js';

/** Longer nobody at a door waits for the server. */
const ANSWER_MS_MAX = 3_000;
/** How often a gate that is online fetches its list anew: so much, and more for each ticket. An arena's has megabytes. */
const LIST_MS = 30_000;
const LIST_MS_A_TICKET = 10;
/** How often one that is offline, or has something to hand in, looks for the server. */
const LOOK_MS = 3_000;

/** A gate of a show. It fetches the show's list at once, so that it can go on when the network is lost. */
export function createGate(options: GateOptions): Gate {
  const rest = new Rest({
    base: baseOf(options.url),
    apiKey: options.apiKey,
    timeoutMs: options.answerMsMax ?? ANSWER_MS_MAX,
  });
  const gate = new LiveGate(options, rest.checkIns());
  return {
    getSnapshot: () => gate.view,
    subscribe: (listener) => gate.listeners.add(listener),
    ready: gate.ready,
    check: async (text) => {
      const { code, isRepaired } = readScannedCode(text);
      return { ...(await gate.check(code)), isRepaired };
    },
    refresh: () => gate.refresh(),
    forgetConflicts: () => gate.forgetConflicts(),
    close: () => gate.close(),
  };
}

/** Whether an error says nothing of the gate, only that the server is not to be had now. */
const isAway = ({ code }: UsherError): boolean =>
  code === 'NETWORK' || code === 'TIMEOUT' || code === 'BUSY' || code === 'RATE_LIMITED' || code === 'INTERNAL';

/** An answer to a code that was read already. */
type Answer = Omit<GateAnswer, 'isRepaired'>;

class LiveGate {
  readonly listeners = new Listeners<[]>();
  readonly ready: Promise<void>;
  view: GateView;
  private readonly memory: GateMemory;
  private readonly repetition = new Repetition(() => this.refresh());
  private isOnline = true;
  private refused: UsherError | null = null;
  private refreshing: Promise<void> | null = null;

  constructor(
    private readonly options: GateOptions,
    private readonly server: CheckIns,
  ) {
    this.memory = new GateMemory(options.showId, options.storage);
    this.view = this.look();
    this.ready = this.memory.read().then(() => this.refresh());
  }

  async check(code: string): Promise<Answer> {
    const key = randomKey();
    // Who has just not been answered does not let everybody at the door wait for that again.
    if (this.isOnline || this.memory.list === null) {
      try {
        return await this.ask(code, key);
      } catch (thrown) {
        const error = toUsherError(thrown);
        this.heard(error);
        if (!isAway(error) || this.memory.list === null) throw error;
      }
    }
    return this.goByList(code, key);
  }

  /** Hands in and fetches the list; calls at one time share it. */
  refresh(): Promise<void> {
    this.refreshing ??= this.exchange().finally(() => {
      this.refreshing = null;
      const isAllKnown = this.isOnline && this.memory.admissions.length === 0;
      this.repetition.next(isAllKnown ? LIST_MS + LIST_MS_A_TICKET * this.view.tickets : LOOK_MS);
    });
    return this.refreshing;
  }

  async forgetConflicts(): Promise<void> {
    await this.memory.setConflicts([]);
    this.changed();
  }

  close(): void {
    this.repetition.stop();
  }

  private async ask(code: string, key: string): Promise<Answer> {
    const { showId, name } = this.options;
    const answer = await this.server.checkIn({ code, showId, ...(name !== undefined && { gate: name }) }, { key });
    this.heard(null);
    await this.memory.noteEntered(answer);
    this.changed();
    const { result, ticket, usedAt, gate } = answer;
    const isDisputed = ticket?.disputed ?? false;
    return { result, label: ticket?.label ?? null, usedAt, gate, isDisputed, isOffline: false };
  }

  private async goByList(code: string, key: string): Promise<Answer> {
    const { list } = this.memory;
    if (list === null) throw UsherError.network('There is no list to go by');
    const said = ticketOfNumber(list, code) ?? (await readTicketCode(code, list.keys));
    const now = this.memory.serverNow();
    // From here to where the admission is noted nothing is awaited: of two who come with one ticket, one is let in.
    const verdict = judge({ list, entered: this.memory.entered }, said, now);
    if (verdict.result !== 'admitted' || !said) return { ...verdict, isOffline: true };
    const gate = this.options.name ?? 'this gate';
    const at = new Date(now).toISOString();
    const { ticketId, label } = said;
    await this.memory.admit({ code, ticketId, label, at, gate, key });
    this.changed();
    return { ...verdict, usedAt: at, gate, isOffline: true };
  }

  private async exchange(): Promise<void> {
    try {
      await this.handIn();
      const asked = Date.now();
      const list = GateList.parse(await this.server.list(this.options.showId));
      await this.memory.setList(list, Date.parse(list.madeAt) - (asked + Date.now()) / 2);
      this.heard(null);
    } catch (thrown) {
      this.heard(toUsherError(thrown));
    }
    this.changed();
  }

  private async handIn(): Promise<void> {
    while (this.memory.admissions.length > 0) {
      const some = this.memory.admissions.slice(0, offlineCheckInsMax);
      const { showId, name } = this.options;
      const answers = await this.server.handIn(
        some.map(({ code, at, key }) => ({ code, at, key, showId, ...(name !== undefined && { gate: name }) })),
      );
      const conflicts = some.flatMap((admission, index) => conflictOf(admission, answers[index]) ?? []);
      await this.memory.handedIn(some, conflicts);
      this.changed();
    }
  }

  /** What the last call came to; null: it was answered. */
  private heard(error: UsherError | null): void {
    const isOnline = error === null || !isAway(error);
    this.refused = isOnline ? error : this.refused;
    if (this.isOnline && !isOnline) this.repetition.next(LOOK_MS);
    this.isOnline = isOnline;
    this.changed();
  }

  private changed(): void {
    this.view = this.look();
    this.listeners.tell();
  }

  private look(): GateView {
    const { list, admissions, conflicts } = this.memory;
    return {
      isOnline: this.isOnline,
      listOf: list?.madeAt ?? null,
      ...this.memory.counts(),
      waiting: admissions.length,
      conflicts,
      refused: this.refused,
    };
  }
}

function conflictOf({ label, at }: Admission, answer: CheckIn | undefined): GateConflict | null {
  if (!answer || answer.result === 'admitted') return null;
  const { result, usedAt, gate } = answer;
  return { label, at, result, usedAt, gate };
}
