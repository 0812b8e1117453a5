import type { HallPlan } from './hall-plan.js';

/** Places sorted into square cells, to find the nearest ones without looking at all. */
export class PlaceGrid {
  private readonly left: number;
  private readonly top: number;
  private readonly cell: number;
  private readonly columns: number;
  private readonly lines: number;
  private readonly cellStart: Int32Array;
  private readonly inCells: Int32Array;

  /** About `perCell` of the `places` come into a cell; there are never more than a few times as many cells as places. */
  constructor(plan: HallPlan, places: Int32Array, perCell: number) {
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const place of places) {
      left = Math.min(left, plan.x[place]!);
      right = Math.max(right, plan.x[place]!);
      top = Math.min(top, plan.y[place]!);
      bottom = Math.max(bottom, plan.y[place]!);
    }
    const cells = Math.max(1, places.length / perCell);
    const [width, height] = [right - left, bottom - top];
    this.cell = Math.max(Math.sqrt((width * height) / cells), Math.max(width, height) / cells) || 1;
    this.left = left;
    this.top = top;
    this.columns = Math.floor(width / this.cell) + 1;
    this.lines = Math.floor(height / this.cell) + 1;

    const cellOf = places.map((place) => this.line(plan.y[place]!) * this.columns + this.column(plan.x[place]!));
    this.cellStart = new Int32Array(this.columns * this.lines + 1);
    for (const cell of cellOf) this.cellStart[cell + 1]!++;
    for (let cell = 0; cell < this.columns * this.lines; cell++) this.cellStart[cell + 1]! += this.cellStart[cell]!;
    const next = this.cellStart.slice();
    this.inCells = new Int32Array(places.length);
    places.forEach((place, at) => (this.inCells[next[cellOf[at]!]!++] = place));
  }

  /**
   * Visits places in widening rings of cells around a point until `enough(reached)` says that nothing further away than
   * `reached` matters, or all are visited.
   */
  around(x: number, y: number, visit: (place: number) => void, enough: (reached: number) => boolean): void {
    const [column, line] = [this.column(x), this.line(y)];
    const last = Math.max(column, this.columns - 1 - column, line, this.lines - 1 - line);
    for (let ring = 0; ring <= last; ring++) {
      const [from, to] = [Math.max(0, line - ring), Math.min(this.lines - 1, line + ring)];
      for (let at = from; at <= to; at++) {
        const whole = at === line - ring || at === line + ring;
        const step = whole || ring === 0 ? 1 : 2 * ring;
        for (let across = column - ring; across <= column + ring; across += step) {
          if (across >= 0 && across < this.columns) this.visitCell(at * this.columns + across, visit);
        }
      }
      if (enough(ring * this.cell)) return;
    }
  }

  private visitCell(cell: number, visit: (place: number) => void): void {
    for (let at = this.cellStart[cell]!; at < this.cellStart[cell + 1]!; at++) visit(this.inCells[at]!);
  }

  private column(x: number): number {
    return Math.min(this.columns - 1, Math.floor((x - this.left) / this.cell));
  }

  private line(y: number): number {
    return Math.min(this.lines - 1, Math.floor((y - this.top) / this.cell));
  }
}
