import { setImmediate as nextMacrotask } from 'node:timers/promises';
import type { Random } from '../../../src/catalog/demo/random.js';

/** A message that is under way: a statement to the database, an answer to a node, or a message to a viewer. */
export interface PendingStep {
  readonly label: string;
  /** The party whose death cancels the step, for example a node that waits for an answer. */
  readonly owner: object;
  /**
   * The carrier of the message, for example a connection. Set only if the carrier can break while the owner lives on.
   */
  readonly carrier?: object;
  readonly isReady?: () => boolean;
  readonly run: () => void;
}

/**
 * Decides the order of everything that happens in a run. The scheduler keeps all messages that are under way and
 * delivers them one after another. The seed picks the next one.
 */
export class Scheduler {
  private steps: PendingStep[] = [];

  constructor(private readonly random: Random) {}

  get pendingCount(): number {
    return this.steps.length;
  }

  schedule(step: PendingStep): void {
    this.steps.push(step);
  }

  /** Returns a promise that resolves at a moment that the seed picks. It never resolves if `owner` dies first. */
  pause(owner: object, label: string): Promise<void> {
    return new Promise((run) => this.schedule({ owner, label, run }));
  }

  /** Removes all steps that match, so that they never happen. */
  discard(matches: (step: PendingStep) => boolean): void {
    this.steps = this.steps.filter((step) => !matches(step));
  }

  /** Runs one ready step and everything that follows from it. Returns the step's label, or null if no step is ready. */
  async runOne(): Promise<string | null> {
    const ready = this.steps.filter((step) => step.isReady?.() ?? true);
    if (ready.length === 0) return null;
    const step = this.random.pick(ready);
    this.steps.splice(this.steps.indexOf(step), 1);
    step.run();
    await settlePromises();
    return step.label;
  }
}

/** Waits until all promises that can settle without another step have settled. */
export const settlePromises = (): Promise<void> => nextMacrotask();
