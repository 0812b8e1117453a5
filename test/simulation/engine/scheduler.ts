import { setImmediate as queuesDrained } from 'node:timers/promises';
import type { Random } from '../../../src/catalog/demo/random.js';

/** Something that is under way: a statement to the database, an answer back, a message to a viewer. */
export interface Step {
  readonly label: string;
  /** Who it dies with. */
  readonly owner: object;
  /** What carries it, if that can break by itself. */
  readonly via?: object;
  readonly ready?: () => boolean;
  readonly go: () => void;
}

/** Holds everything that is under way and lets one thing at a time arrive, in an order that the seed decides. */
export class Scheduler {
  private steps: Step[] = [];

  constructor(private readonly random: Random) {}

  get size(): number {
    return this.steps.length;
  }

  add(step: Step): void {
    this.steps.push(step);
  }

  /** A promise that is kept when the seed says so, and never if `owner` dies before. */
  suspend(owner: object, label: string): Promise<void> {
    return new Promise((go) => this.add({ owner, label, go }));
  }

  /** Takes away what is under way and fits; it never arrives. */
  drop(fits: (step: Step) => boolean): Step[] {
    const dropped = this.steps.filter(fits);
    this.steps = this.steps.filter((step) => !fits(step));
    return dropped;
  }

  /** Lets one step arrive and everything that follows from it happen. @returns its label, null when none was ready */
  async resumeOne(): Promise<string | null> {
    const ready = this.steps.filter((step) => step.ready?.() ?? true);
    if (ready.length === 0) return null;
    const step = this.random.pick(ready);
    this.steps.splice(this.steps.indexOf(step), 1);
    step.go();
    await drained();
    return step.label;
  }
}

/** All promises that can be kept without another step have been. */
export const drained = (): Promise<void> => queuesDrained();
