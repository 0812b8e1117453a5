/** Maximum number of steps that a run record keeps. */
const traceLengthMax = 60;

/** Records what happens in a run: the last steps as text, and how often each kind of event happened. */
export class RunRecord {
  /** The last steps, oldest first. */
  readonly trace: string[] = [];
  /** How often each kind of event happened. */
  readonly eventCounts = new Map<string, number>();

  addStep(text: string): void {
    this.trace.push(text);
    if (this.trace.length > traceLengthMax) this.trace.shift();
  }

  readonly countEvent = (event: string): void => {
    this.eventCounts.set(event, (this.eventCounts.get(event) ?? 0) + 1);
  };
}
