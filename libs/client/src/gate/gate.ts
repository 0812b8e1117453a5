import { type CheckIn, GateList, offlineCheckInsMax, readScannedCode } from '@usher/contract';
import { toUsherError, UsherError } from '../common/errors.js';
import { createIdempotencyKey } from '../common/idempotency-key.js';
import { Listeners } from '../common/listeners.js';
import { RestClient } from '../http/rest-client.js';
import { baseUrlOf } from '../http/url.js';
import { createCheckIns } from './check-ins.js';
import { GateMemory } from './gate-memory.js';
import type { CheckIns, Gate, GateAnswer, GateConflict, GateOptions, GateView } from './gate-types.js';
import { type Admission, decideOffline, findTicketById } from './gate-verdict.js';
import { RepeatingTask } from './repeating-task.js';
import { readTicketCode } from './ticket-code.js';

/** Default time limit for a check-in at the server. Visitors at a door should not wait longer. */
const defaultRequestTimeoutMs = 3_000;
/**
 * How often an online gate reads its list. The interval grows with the list, because the list of an arena has a size of
 * megabytes.
 */
const listIntervalMs = 30_000;
const listIntervalMsPerTicket = 10;
/** How often a gate tries to reach the server while it is offline or has admissions to report. */
const reconnectIntervalMs = 3_000;

/** Creates a gate for a show. The gate reads the show's list at once, so that it can decide without the network. */
export function createGate(options: GateOptions): Gate {
  const rest = new RestClient({
    baseUrl: baseUrlOf(options.url),
    apiKey: options.apiKey,
    timeoutMs: options.requestTimeoutMs ?? defaultRequestTimeoutMs,
  });
  const gate = new LiveGate(options, createCheckIns(rest));
  return {
    getSnapshot: () => gate.view,
    subscribe: (listener) => gate.listeners.add(listener),
    ready: gate.ready,
    check: async (text) => {
      const { code, isRepaired } = readScannedCode(text);
      return { ...(await gate.check(code)), isRepaired };
    },
    refresh: () => gate.refresh(),
    clearConflicts: () => gate.clearConflicts(),
    close: () => gate.close(),
  };
}

/**
 * Returns whether an error means that the server cannot answer now. Any other error means that the server refuses this
 * gate.
 */
const isServerUnavailable = ({ code }: UsherError): boolean =>
  code === 'NETWORK' || code === 'TIMEOUT' || code === 'BUSY' || code === 'RATE_LIMITED' || code === 'INTERNAL';

/** The answer to a code that {@link readScannedCode} has already corrected. */
type CodeAnswer = Omit<GateAnswer, 'isRepaired'>;

class LiveGate {
  readonly listeners = new Listeners<[]>();
  readonly ready: Promise<void>;
  view: GateView;
  private readonly memory: GateMemory;
  private readonly refreshTask = new RepeatingTask(() => this.refresh());
  private isOnline = true;
  private refusal: UsherError | null = null;
  private pendingRefresh: Promise<void> | null = null;

  constructor(
    private readonly options: GateOptions,
    private readonly checkIns: CheckIns,
  ) {
    this.memory = new GateMemory(options.showId, options.storage);
    this.view = this.createView();
    this.ready = this.memory.load().then(() => this.refresh());
  }

  async check(code: string): Promise<CodeAnswer> {
    const key = createIdempotencyKey();
    // An offline gate does not ask the server. Otherwise, every visitor would have to wait for the timeout.
    if (this.isOnline || this.memory.list === null) {
      try {
        return await this.checkOnline(code, key);
      } catch (thrown) {
        const error = toUsherError(thrown);
        this.recordResult(error);
        if (!isServerUnavailable(error) || this.memory.list === null) throw error;
      }
    }
    return this.checkOffline(code, key);
  }

  /** Reports pending admissions and reads the list. Concurrent calls share one run. */
  refresh(): Promise<void> {
    this.pendingRefresh ??= this.exchangeWithServer().finally(() => {
      this.pendingRefresh = null;
      const isUpToDate = this.isOnline && this.memory.admissions.length === 0;
      const intervalMs = listIntervalMs + listIntervalMsPerTicket * this.view.ticketCount;
      this.refreshTask.schedule(isUpToDate ? intervalMs : reconnectIntervalMs);
    });
    return this.pendingRefresh;
  }

  async clearConflicts(): Promise<void> {
    await this.memory.setConflicts([]);
    this.updateView();
  }

  close(): void {
    this.refreshTask.stop();
  }

  private async checkOnline(code: string, key: string): Promise<CodeAnswer> {
    const { showId, name } = this.options;
    const answer = await this.checkIns.checkIn({ code, showId, ...(name !== undefined && { gate: name }) }, { key });
    this.recordResult(null);
    await this.memory.recordAnswer(answer);
    this.updateView();
    const { result, ticket, usedAt, gate } = answer;
    const isDisputed = ticket?.disputed ?? false;
    return { result, label: ticket?.label ?? null, usedAt, gate, isDisputed, isOffline: false };
  }

  private async checkOffline(code: string, key: string): Promise<CodeAnswer> {
    const { list } = this.memory;
    if (list === null) throw UsherError.network('The gate is offline and has no list of tickets');
    const ticket = findTicketById(list, code) ?? (await readTicketCode(code, list.keys));
    const now = this.memory.serverNow();
    // From here on, this method awaits nothing until the admission is recorded. So if a ticket is scanned twice at the
    // same time, the gate admits it only once.
    const verdict = decideOffline({ list, admitted: this.memory.admitted }, ticket, now);
    if (verdict.result !== 'admitted' || !ticket) return { ...verdict, isOffline: true };
    const gate = this.options.name ?? 'this gate';
    const at = new Date(now).toISOString();
    const { ticketId, label } = ticket;
    await this.memory.addAdmission({ code, ticketId, label, at, gate, key });
    this.updateView();
    return { ...verdict, usedAt: at, gate, isOffline: true };
  }

  private async exchangeWithServer(): Promise<void> {
    try {
      await this.reportAdmissions();
      const sentAt = Date.now();
      const list = GateList.parse(await this.checkIns.list(this.options.showId));
      await this.memory.setList(list, Date.parse(list.madeAt) - (sentAt + Date.now()) / 2);
      this.recordResult(null);
    } catch (thrown) {
      this.recordResult(toUsherError(thrown));
    }
    this.updateView();
  }

  private async reportAdmissions(): Promise<void> {
    while (this.memory.admissions.length > 0) {
      const batch = this.memory.admissions.slice(0, offlineCheckInsMax);
      const { showId, name } = this.options;
      const answers = await this.checkIns.handIn(
        batch.map(({ code, at, key }) => ({ code, at, key, showId, ...(name !== undefined && { gate: name }) })),
      );
      const conflicts = batch.flatMap((admission, index) => conflictOf(admission, answers[index]) ?? []);
      await this.memory.removeReported(batch, conflicts);
      this.updateView();
    }
  }

  /** Records the result of the last request. @param error null if the server answered */
  private recordResult(error: UsherError | null): void {
    const isOnline = error === null || !isServerUnavailable(error);
    this.refusal = isOnline ? error : this.refusal;
    if (this.isOnline && !isOnline) this.refreshTask.schedule(reconnectIntervalMs);
    this.isOnline = isOnline;
    this.updateView();
  }

  private updateView(): void {
    this.view = this.createView();
    this.listeners.notify();
  }

  private createView(): GateView {
    const { list, admissions, conflicts } = this.memory;
    return {
      isOnline: this.isOnline,
      listMadeAt: list?.madeAt ?? null,
      ...this.memory.countTickets(),
      pendingCount: admissions.length,
      conflicts,
      refusal: this.refusal,
    };
  }
}

function conflictOf({ label, at }: Admission, answer: CheckIn | undefined): GateConflict | null {
  if (!answer || answer.result === 'admitted') return null;
  const { result, usedAt, gate } = answer;
  return { label, at, result, usedAt, gate };
}
