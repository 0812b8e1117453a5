import { type Options, SingleBar } from 'cli-progress';
import { type BadLine, badLineText } from './bad-line.js';
import type { ImportWatch } from './import-catalog.js';

/** Time between two progress lines if the output is not a terminal. */
const progressIntervalMs = 10_000;

const barOptions: Options = {
  format: '{step} {bar} {percentage}% | {eta_formatted} left',
  hideCursor: true,
  barsize: 30,
  fps: 5,
};

const names: Readonly<Record<string, string>> = { read: 'Reading  ', import: 'Importing', change: 'Changing ' };

/** Shows the progress of an import: a bar on a terminal, or a line every 10 s elsewhere. Bad lines go to the same stream. */
export class ImportProgress implements ImportWatch {
  private bar: SingleBar | null = null;
  private step = '';
  private done = 0;
  private length = 0;
  private reportedAt = 0;

  constructor(private readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean }) {}

  startStep(step: string, length: number): void {
    this.end();
    [this.step, this.length, this.done, this.reportedAt] = [(names[step] ?? step).trim(), length, 0, performance.now()];
    if (!this.stream.isTTY || length === 0) return;
    this.bar = new SingleBar({ ...barOptions, stream: this.stream });
    this.bar.start(length, 0, { step: names[step] ?? step });
  }

  advance(by: number): void {
    this.done += by;
    this.bar?.update(this.done);
    if (this.bar || performance.now() - this.reportedAt < progressIntervalMs) return;
    this.reportedAt = performance.now();
    this.stream.write(`${this.step}: ${Math.floor((100 * this.done) / this.length)}%\n`);
  }

  reportBadLine(line: BadLine): void {
    // Clears the bar, so that the bad line is written in its place. The next update draws the bar again below the line.
    if (this.bar) this.stream.write('\r\u001B[K');
    this.stream.write(`${badLineText(line)}\n`);
  }

  end(): void {
    this.bar?.stop();
    this.bar = null;
  }
}
