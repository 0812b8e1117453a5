import { DomainError } from '../../common/domain-error.js';
import type { Command, Outcome } from '../core/commands/command.js';
import type { Decision } from '../core/decide/decide.js';
import { refuseHopeless } from '../core/decide/refuse-hopeless.js';
import { invalidRequest } from '../core/draft/refusals.js';
import type { ShowTerms } from '../core/model/show-terms.js';
import type { ShowState } from '../core/state/show-state.js';
import { noOrigins, type Origin, type Origins } from './show-advance.js';

/**
 * Maximum number of commands in one transaction. In a larger batch, the first command would wait too long for the last
 * one.
 */
const batchMax = 512;

/**
 * Maximum number of pending commands. Beyond it, the lane refuses new commands at once, so that it can still serve the
 * accepted ones.
 */
const pendingMax = 20_000;

/** How long a client should wait before it retries on a busy show. */
const busyRetryMs = 500;

/** A command whose caller waits for the outcome. */
interface PendingCommand {
  readonly command: Command;
  readonly origin: Origin | null;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The commands whose callers wait for an outcome, in the order of arrival. The first of them form the running batch.
 */
export class PendingCommands {
  private commands: PendingCommand[] = [];
  /** The number of commands in the running batch. */
  private batchSize = 0;

  get isEmpty(): boolean {
    return this.commands.length === 0;
  }

  get isFull(): boolean {
    return this.commands.length >= pendingMax;
  }

  /** Adds a command. Resolves with its outcome. */
  add(command: Command, origin: Origin | null): Promise<Outcome> {
    return new Promise((resolve, reject) => this.commands.push({ command, origin, resolve, reject }));
  }

  /** Adds a tick that no caller waits for. */
  addTick(): void {
    const nobody = { origin: null, resolve: () => undefined, reject: () => undefined };
    this.commands.push({ command: { type: 'tick' }, ...nobody });
  }

  /** Starts a batch of the first commands and decides them. They stay pending until {@link answerBatch}. */
  decideBatch(decide: (commands: readonly Command[]) => Decision): Decision {
    for (;;) {
      const batch = this.commands.slice(0, batchMax);
      this.batchSize = batch.length;
      try {
        return decide(batch.map(({ command }) => command));
      } catch (error) {
        // The core throws only if it has a defect. The other commands of the batch must not fail because of one
        // command.
        const culprit = batch.find(({ command }) => throws(() => decide([command])));
        if (!culprit) throw error;
        this.commands = this.commands.filter((one) => one !== culprit);
        culprit.reject(error);
      }
    }
  }

  /**
   * Returns the origins of the commands in the running batch. If two commands of a session can join a line, only the
   * first one counts, because it got the place.
   */
  batchOrigins(): Origins {
    let origins: Map<string, Origin> | null = null;
    for (let index = 0; index < this.batchSize; index++) {
      const { command, origin } = this.commands[index]!;
      if (!origin) continue;
      origins ??= new Map();
      if (command.type === 'reserve') origins.set(command.bookingId, origin);
      const canJoin = command.type === 'joinLine' || command.type === 'enter';
      if (canJoin && !origins.has(command.sessionId)) origins.set(command.sessionId, origin);
    }
    return origins ?? noOrigins;
  }

  /** Answers the commands of the running batch and ends the batch. */
  answerBatch(outcomes: readonly Outcome[]): void {
    const batch = this.commands.splice(0, this.batchSize);
    batch.forEach(({ resolve }, index) => resolve(outcomes[index]!));
  }

  /**
   * Rejects all commands.
   *
   * @param batchError the error for the commands of the running batch; null if they get `error` too
   */
  rejectAll(error: unknown, batchError: unknown = null): void {
    const commands = this.commands;
    this.commands = [];
    const inDoubt = batchError === null ? 0 : this.batchSize;
    commands.forEach(({ reject }, index) => reject(index < inDoubt ? batchError : error));
  }

  /** Refuses the commands of the running batch that move the show. Returns false if there are none. */
  refuseMoves(): boolean {
    const moves = this.commands.slice(0, this.batchSize).filter(({ command }) => isMove(command));
    this.commands = this.commands.filter((one) => !moves.includes(one));
    const error = invalidRequest('startsAt', 'the hall has another show at that time');
    for (const { resolve } of moves) resolve({ type: 'refused', error });
    return moves.length > 0;
  }

  /**
   * Refuses the commands that cannot succeed according to a state in memory. So a thousand callers for one seat cost
   * only one transaction: its batch holds the seat for one caller, and this function refuses the others.
   */
  refuseHopeless(state: ShowState, terms: ShowTerms, now: number): void {
    this.commands = this.commands.filter(({ command, resolve }) => {
      const error = refuseHopeless(state, terms, command, now);
      if (error) resolve({ type: 'refused', error });
      return !error;
    });
  }
}

/** Returns the error for a command that the lane did not decide. */
export const busy = (reason = 'The show is busy'): DomainError<'BUSY'> =>
  new DomainError('BUSY', `${reason}. Nothing was held, so a retry is safe.`, { retryAfterMs: busyRetryMs });

const isMove = (command: Command): boolean =>
  command.type === 'changeTerms' &&
  ['startsAt', 'hallId', 'movieId'].some((field) => Object.hasOwn(command.terms, field));

function throws(attempt: () => unknown): boolean {
  try {
    attempt();
    return false;
  } catch {
    return true;
  }
}
