import { setImmediate as nextMacrotask } from 'node:timers/promises';
import type { Random } from '../../../src/catalog/demo/random.js';

/** A message that is under way: a statement to the database, an answer to a node, or a message to a viewer. */
export interface PendingStep {
  readonly label: string;
  /** The party that the step dies with, for example a node that waits for an answer. */
  readonly owner: object;
  /** The carrier of the message, if the carrier can break without its owner, for example a connection. */
  readonly carrier?: object;
  readonly isReady?: () => boolean;
  readonly run: () => void;
}

/**
 * Decides the order of everything that happens in a run. The scheduler holds all messages that are under way and
 * delivers one at a time. The seed picks which one.
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

  /** Returns a promise that resolves when the seed picks it. It never resolves if `owner` dies first. */
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

/** Waits until every promise has settled that can settle without another step. */
export const settlePromises = (): Promise<void> => nextMacrotask();
