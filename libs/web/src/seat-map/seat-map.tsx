import { type KeyboardEvent, type MouseEvent, useId, useRef, useState } from 'react';
import { formatCount } from '../ui/format.js';
import type { HallMap, HallSeat } from './hall-map.js';
import { isMoveKey, findNextSeat } from './navigate.js';
import { Scenery } from './scenery.js';
import { decodeLook, describeSeat } from './seat-text.js';
import { SeatRow, type TierInfo } from './seat-row.js';
import { useZoom, type Zoom } from './use-zoom.js';
import './hall.css';

interface SeatMapProps {
  readonly map: HallMap;
  /** One string a row, see `rowLooks`. */
  readonly looks: readonly string[];
  readonly tiers: ReadonlyMap<string, TierInfo>;
  /** A seat was pressed, whatever its state. */
  readonly onPress: (seat: HallSeat) => void;
}

/** Below this size (CSS pixels from seat to seat) a finger cannot mean one seat, so a tap comes nearer first. */
const tapPitchPxMin = 24;
const numberPitchPxMin = 26;

/** The hall with its zoom, and in words the seat that is pointed at. */
export function SeatMap({ map, looks, tiers, onPress }: SeatMapProps) {
  const box = useRef<HTMLDivElement>(null);
  const zoom = useZoom(box, map);
  const [active, setActive] = useState(() => findMiddleSeat(map));
  const [pointed, setPointed] = useState<HallSeat | null>(null);
  const helpId = useId();
  const shown = pointed ?? active;
  const shownLook = decodeLook(looks[shown.rowIndex]?.[shown.place]);
  return (
    <div className="seat-map">
      <div className="hall-tools">
        <p className="seat-info" aria-hidden="true">
          {describeSeat(map, shown, shownLook, tiers.get(shown.tier)?.price)}
        </p>
        <ZoomButtons zoom={zoom} />
      </div>
      <div ref={box} className="hall-box" style={{ '--hall-width': map.width, '--hall-height': map.height }}>
        <SeatGrid
          map={map}
          looks={looks}
          tiers={tiers}
          onPress={onPress}
          zoom={zoom}
          active={active}
          onActive={setActive}
          onPoint={setPointed}
          helpId={helpId}
        />
      </div>
      <p id={helpId} className="secondary-text hall-help">
        Press a seat to choose it. With the keyboard: arrow keys move, Enter or Space chooses, plus and minus zoom.
      </p>
    </div>
  );
}

interface SeatGridProps extends SeatMapProps {
  readonly zoom: Zoom;
  /** The one seat that Tab reaches. */
  readonly active: HallSeat;
  readonly onActive: (seat: HallSeat) => void;
  readonly onPoint: (seat: HallSeat | null) => void;
  readonly helpId: string;
}

/**
 * All seats as one grid widget: Tab reaches one seat, arrow keys move between seats, Enter and Space press, + and −
 * zoom.
 */
function SeatGrid({ map, looks, tiers, onPress, zoom, active, onActive, onPoint, helpId }: SeatGridProps) {
  const pitch = zoom.scale * map.pitch;

  const onClick = (event: MouseEvent<SVGSVGElement>) => {
    const seat = findSeatOfElement(map, event.target) ?? findSeatNearPointer(map, event);
    if (seat === undefined) return;
    const byTouch = event.nativeEvent instanceof PointerEvent && event.nativeEvent.pointerType === 'touch';
    if (byTouch && pitch < tapPitchPxMin && zoom.canGrow) {
      zoom.zoomBy((tapPitchPxMin * 1.6) / pitch, { x: event.clientX, y: event.clientY });
      return;
    }
    onActive(seat);
    onPress(seat);
  };

  const onKeyDown = (event: KeyboardEvent<SVGSVGElement>) => {
    if (event.altKey || event.metaKey) return;
    const { key } = event;
    if (isMoveKey(key)) {
      const next = findNextSeat(map, active, key, event.ctrlKey);
      onActive(next);
      focusSeat(event.currentTarget, next);
    } else if (key === 'Enter' || key === ' ') {
      onPress(active);
    } else if (!zoomByKey(zoom, key, event.target)) {
      return;
    }
    event.preventDefault();
  };

  return (
    // An SVG cannot be a table; the grid's roles are what tells its rows and cells.
    <svg
      role="grid"
      tabIndex={-1}
      aria-label={`Seat map, ${formatCount(map.seats.length, 'seat')} in ${formatCount(map.rows.length, 'row')}`}
      aria-describedby={helpId}
      aria-multiselectable="true"
      viewBox={`0 0 ${map.width} ${map.height}`}
      width={map.width * zoom.scale}
      height={map.height * zoom.scale}
      onClick={onClick}
      onKeyDown={onKeyDown}
      onFocus={(event) => onActive(findSeatOfElement(map, event.target) ?? active)}
      onPointerOver={(event) => onPoint(findSeatOfElement(map, event.target) ?? null)}
      onPointerLeave={() => onPoint(null)}
    >
      <Scenery map={map} />
      {map.rows.map((row, index) => (
        <SeatRow
          key={`${row.section}/${row.row}`}
          map={map}
          row={row}
          looks={looks[index] ?? ''}
          tiers={tiers}
          tabPlace={active.rowIndex === index ? active.place : -1}
          numbered={pitch >= numberPitchPxMin}
        />
      ))}
      <g className="focus-ring" aria-hidden="true" transform={`translate(${active.x} ${active.y}) scale(${map.pitch})`}>
        <rect x="-.5" y="-.5" width="1" height="1" rx=".2" />
        <rect x="-.5" y="-.5" width="1" height="1" rx=".2" />
      </g>
    </svg>
  );
}

function ZoomButtons({ zoom }: { readonly zoom: Zoom }) {
  // Not `disabled`: a button that stops being focusable under the keyboard's focus loses it.
  return (
    <div role="group" aria-label="Zoom" className="zoom-buttons">
      <button
        type="button"
        className="button"
        aria-label="Zoom out"
        aria-disabled={zoom.fitted}
        onClick={() => zoom.zoomBy(1 / 1.5)}
      >
        −
      </button>
      <button
        type="button"
        className="button"
        aria-label="Zoom in"
        aria-disabled={!zoom.canGrow}
        onClick={() => zoom.zoomBy(1.5)}
      >
        +
      </button>
      <button
        type="button"
        className="button"
        aria-label="Fit the whole hall"
        aria-disabled={zoom.fitted}
        onClick={zoom.fit}
      >
        Fit
      </button>
    </div>
  );
}

/**
 * Zooms around what has the focus, which must not get out of sight by it.
 *
 * @returns whether the key was one that zooms
 */
function zoomByKey(zoom: Zoom, key: string, target: EventTarget): boolean {
  const focused = target instanceof Element ? target : undefined;
  if (key === '+' || key === '=') zoom.zoomBy(1.5, focused);
  else if (key === '-') zoom.zoomBy(1 / 1.5, focused);
  else if (key === '0') zoom.fit();
  else return false;
  return true;
}

/** Where the keyboard begins: the seat nearest to the middle of all seats. */
function findMiddleSeat(map: HallMap): HallSeat {
  const [first] = map.seats;
  if (first === undefined) throw new Error('a hall has at least one seat');
  const middle = {
    x: map.seats.reduce((sum, { x }) => sum + x, 0) / map.seats.length,
    y: map.seats.reduce((sum, { y }) => sum + y, 0) / map.seats.length,
  };
  return findNearestSeat(map, middle) ?? first;
}

function findNearestSeat(map: HallMap, { x, y }: { x: number; y: number }, within = Infinity): HallSeat | undefined {
  let best: HallSeat | undefined;
  let least = within;
  for (const seat of map.seats) {
    const distance = Math.hypot(seat.x - x, seat.y - y);
    if (distance < least) [best, least] = [seat, distance];
  }
  return best;
}

function findSeatOfElement(map: HallMap, target: EventTarget): HallSeat | undefined {
  if (!(target instanceof Element)) return undefined;
  const cell = target.closest<SVGElement>('[data-seat]');
  return cell === null ? undefined : map.seats[Number(cell.dataset['seat'])];
}

/** The seat that a press beside all seats was meant for. */
function findSeatNearPointer(
  map: HallMap,
  { currentTarget, clientX, clientY }: MouseEvent<SVGSVGElement>,
): HallSeat | undefined {
  const { left, top, width, height } = currentTarget.getBoundingClientRect();
  const point = { x: ((clientX - left) / width) * map.width, y: ((clientY - top) / height) * map.height };
  return findNearestSeat(map, point, map.pitch * 0.8);
}

function focusSeat(grid: SVGSVGElement, { seat }: HallSeat): void {
  const cell = grid.querySelector<SVGElement>(`[data-seat="${seat}"]`);
  cell?.focus({ preventScroll: true });
  cell?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}
