import type { HallPlan } from './hall-plan.js';

/** Extra distance between seats of different sections, in seat steps, because a wall may separate the sections. */
const OTHER_SECTION = 6;

/** Extra distance between seats of different tiers, so that of two equally near seats the one of the same tier wins. */
const OTHER_TIER = 0.25;

/**
 * Mean number of places per cell. With fewer places, a search visits many empty cells. With more, it visits many far
 * places.
 */
const PER_CELL = 3;

/**
 * Finds the places of a set that are nearest to a given place. A grid of square cells avoids a scan of all places. One
 * instance is used for one choice of seats. Each search overwrites the result of the search before it, because one
 * choice may need thousands of searches.
 */
export class NearestPlaces {
  /** The result of the last search, nearest first. Only the first `size` entries are valid. */
  readonly places: Int32Array;
  readonly distances: Float64Array;
  size = 0;

  private readonly left: number;
  private readonly top: number;
  private readonly cell: number;
  private readonly columns: number;
  private readonly lines: number;
  private readonly cellStart: Int32Array;
  private readonly inCells: Int32Array;

  /** @param capacity the maximum number of places that a search finds */
  constructor(
    private readonly plan: HallPlan,
    among: Int32Array,
    private readonly capacity: number,
  ) {
    this.places = new Int32Array(capacity);
    this.distances = new Float64Array(capacity);
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const place of among) {
      left = Math.min(left, plan.x[place]!);
      right = Math.max(right, plan.x[place]!);
      top = Math.min(top, plan.y[place]!);
      bottom = Math.max(bottom, plan.y[place]!);
    }
    const cells = Math.max(1, among.length / PER_CELL);
    const [width, height] = [right - left, bottom - top];
    this.cell = Math.max(Math.sqrt((width * height) / cells), Math.max(width, height) / cells) || 1;
    this.left = left;
    this.top = top;
    this.columns = Math.floor(width / this.cell) + 1;
    this.lines = Math.floor(height / this.cell) + 1;
    this.cellStart = new Int32Array(this.columns * this.lines + 1);
    this.inCells = this.sortIntoCells(among);
  }

  /**
   * Finds the places nearest to `middle`, including `middle` itself. Other sections and tiers count as further away.
   */
  find(middle: number): void {
    const { columns, lines, cell, capacity } = this;
    const { x, y } = this.plan;
    const [column, line] = [this.column(x[middle]!), this.line(y[middle]!)];
    const last = Math.max(column, columns - 1 - column, line, lines - 1 - line);
    this.size = 0;
    for (let ring = 0; ring <= last; ring++) {
      const to = Math.min(lines - 1, line + ring);
      for (let at = Math.max(0, line - ring); at <= to; at++) {
        const whole = ring === 0 || at === line - ring || at === line + ring;
        for (let across = column - ring; across <= column + ring; across += whole ? 1 : 2 * ring) {
          if (across >= 0 && across < columns) this.searchCell(at * columns + across, middle);
        }
      }
      if (this.size === capacity && this.distances[capacity - 1]! <= ring * cell) return;
    }
  }

  private searchCell(cell: number, middle: number): void {
    const { x, y, section, tier } = this.plan;
    const [mx, my, mSection, mTier] = [x[middle]!, y[middle]!, section[middle]!, tier[middle]!];
    const end = this.cellStart[cell + 1]!;
    for (let at = this.cellStart[cell]!; at < end; at++) {
      const place = this.inCells[at]!;
      const dx = x[place]! - mx;
      const dy = y[place]! - my;
      let distance = Math.sqrt(dx * dx + dy * dy);
      if (section[place] !== mSection) distance += OTHER_SECTION;
      if (tier[place] !== mTier) distance += OTHER_TIER;
      this.offer(place, distance);
    }
  }

  private offer(place: number, distance: number): void {
    const { places, distances, capacity } = this;
    if (this.size === capacity && distance >= distances[capacity - 1]!) return;
    let at = this.size < capacity ? this.size++ : capacity - 1;
    for (; at > 0 && distances[at - 1]! > distance; at--) {
      places[at] = places[at - 1]!;
      distances[at] = distances[at - 1]!;
    }
    places[at] = place;
    distances[at] = distance;
  }

  private sortIntoCells(among: Int32Array): Int32Array {
    const { x, y } = this.plan;
    const { cellStart } = this;
    const cellOf = among.map((place) => this.line(y[place]!) * this.columns + this.column(x[place]!));
    for (const cell of cellOf) cellStart[cell + 1]!++;
    for (let cell = 1; cell < cellStart.length; cell++) cellStart[cell]! += cellStart[cell - 1]!;
    const next = cellStart.slice();
    const sorted = new Int32Array(among.length);
    among.forEach((place, at) => (sorted[next[cellOf[at]!]!++] = place));
    return sorted;
  }

  private column(x: number): number {
    return Math.min(this.columns - 1, Math.floor((x - this.left) / this.cell));
  }

  private line(y: number): number {
    return Math.min(this.lines - 1, Math.floor((y - this.top) / this.cell));
  }
}
