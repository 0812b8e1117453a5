import type { KeyboardEvent, MouseEvent } from 'react';
import { formatCount } from '../ui/format.js';
import { findSeatNearPointer, findSeatOfElement } from './find-seat.js';
import type { HallMap, HallSeat } from './hall-map.js';
import { findNextSeat, isMoveKey } from './navigate.js';
import { Scenery } from './scenery.js';
import { SeatRow, type TierInfo } from './seat-row.js';
import type { Zoom } from './use-zoom.js';
import { zoomByKey } from './zoom-buttons.js';

/**
 * Smallest distance between seats, in CSS pixels, at which a finger can hit one seat. If seats are closer, a tap zooms
 * in.
 */
const tapPitchPxMin = 24;

/** Smallest distance between seats, in CSS pixels, at which a seat shows its number. */
const numberPitchPxMin = 26;

interface SeatGridProps {
  readonly map: HallMap;
  /** One string per row, see `encodeRowLooks`. */
  readonly looks: readonly string[];
  readonly tiers: ReadonlyMap<string, TierInfo>;
  readonly onPress: (seat: HallSeat) => void;
  readonly zoom: Zoom;
  /** The only seat that the Tab key reaches. */
  readonly activeSeat: HallSeat;
  readonly onActivate: (seat: HallSeat) => void;
  /** Called with the seat under the pointer, or null. */
  readonly onPoint: (seat: HallSeat | null) => void;
  readonly helpId: string;
}

/**
 * Shows all seats as one grid widget. Tab reaches one seat, the arrow keys move between seats, Enter and Space press a
 * seat, + and − zoom.
 */
export function SeatGrid({ map, looks, tiers, onPress, zoom, activeSeat, onActivate, onPoint, helpId }: SeatGridProps) {
  const pitchPx = zoom.scale * map.pitch;

  const onClick = (event: MouseEvent<SVGSVGElement>) => {
    const seat = findSeatOfElement(map, event.target) ?? findSeatNearPointer(map, event);
    if (seat === undefined) return;
    const isTouch = event.nativeEvent instanceof PointerEvent && event.nativeEvent.pointerType === 'touch';
    if (isTouch && pitchPx < tapPitchPxMin && zoom.canZoomIn) {
      zoom.zoomBy((tapPitchPxMin * 1.6) / pitchPx, { x: event.clientX, y: event.clientY });
      return;
    }
    onActivate(seat);
    onPress(seat);
  };

  const onKeyDown = (event: KeyboardEvent<SVGSVGElement>) => {
    if (event.altKey || event.metaKey) return;
    const { key } = event;
    if (isMoveKey(key)) {
      const next = findNextSeat(map, activeSeat, key, event.ctrlKey);
      onActivate(next);
      focusSeat(event.currentTarget, next);
    } else if (key === 'Enter' || key === ' ') {
      onPress(activeSeat);
    } else if (!zoomByKey(zoom, key, event.target)) {
      return;
    }
    event.preventDefault();
  };

  return (
    // An SVG element cannot be a table, so ARIA roles tell screen readers about the rows and cells.
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
      onFocus={(event) => onActivate(findSeatOfElement(map, event.target) ?? activeSeat)}
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
          tabStopIndex={activeSeat.rowIndex === index ? activeSeat.indexInRow : -1}
          hasNumbers={pitchPx >= numberPitchPxMin}
        />
      ))}
      <FocusRing seat={activeSeat} pitch={map.pitch} />
    </svg>
  );
}

/** Frame around the active seat. CSS shows the frame only while a seat has the keyboard focus. */
const FocusRing = ({ seat: { x, y }, pitch }: { readonly seat: HallSeat; readonly pitch: number }) => (
  <g className="focus-ring" aria-hidden="true" transform={`translate(${x} ${y}) scale(${pitch})`}>
    <rect x="-.5" y="-.5" width="1" height="1" rx=".2" />
    <rect x="-.5" y="-.5" width="1" height="1" rx=".2" />
  </g>
);

function focusSeat(grid: SVGSVGElement, { seat }: HallSeat): void {
  const cell = grid.querySelector<SVGElement>(`[data-seat="${seat}"]`);
  cell?.focus({ preventScroll: true });
  cell?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}
