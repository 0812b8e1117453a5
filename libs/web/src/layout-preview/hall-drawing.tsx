import { listTiers } from '@usher/contract';
import { memo } from 'react';
import type { HallMap, HallSeat } from '../seat-map/hall-map.js';
import { Scenery } from '../seat-map/scenery.js';
import { formatCount } from '../ui/format.js';
import '../seat-map/seat.css';

/** Half the width of a seat, as a fraction of the pitch. */
const halfSeatPerPitch = 0.42;

/**
 * All seats of one tier as one path, because the preview must draw a hall of 20,000 seats again after every key press.
 */
interface TierPath {
  readonly tierIndex: number;
  readonly path: string;
}

/** Draws a hall without interaction. Each seat has the colour of its tier. */
export const HallDrawing = memo(function HallDrawing({ map }: { readonly map: HallMap }) {
  const summary = `${formatCount(map.seats.length, 'seat')} in ${formatCount(map.rows.length, 'row')}`;
  return (
    <svg
      className="hall-drawing"
      role="img"
      aria-label={`The hall: ${summary}`}
      viewBox={`0 0 ${map.width} ${map.height}`}
    >
      <Scenery map={map} />
      <g className="seat look-free">
        {drawTiers(map).map(({ tierIndex, path }) => (
          <path key={tierIndex} className={`seat-base tier-${tierIndex % 6}`} d={path} />
        ))}
        <path className="seat-mark" d={drawMarks(map)} strokeWidth={map.pitch * 0.08} />
      </g>
    </svg>
  );
});

function drawTiers({ seats, pitch }: HallMap): TierPath[] {
  return listTiers(seats).map((tier, tierIndex) => ({
    tierIndex,
    path: seats.flatMap((seat) => (seat.tier === tier ? drawSeat(seat, pitch * halfSeatPerPitch) : [])).join(''),
  }));
}

/** Returns the path of a seat. Wheelchair places and companion seats are round, all other seats are square. */
function drawSeat({ x, y, kind }: HallSeat, reach: number): string {
  const size = 2 * reach;
  if (kind === 'standard' || kind === 'restrictedView') return `M${x - reach} ${y - reach}h${size}v${size}h${-size}z`;
  return `M${x - reach} ${y}a${reach} ${reach} 0 1 1 ${size} 0a${reach} ${reach} 0 1 1 ${-size} 0z`;
}

/** Returns the path of all marks: a ring for a wheelchair place, a cross for a companion seat, a bar for a restricted view. */
function drawMarks({ seats, pitch }: HallMap): string {
  const reach = pitch * 0.2;
  return seats
    .map(({ x, y, kind }) => {
      if (kind === 'wheelchair') {
        return `M${x - reach} ${y}a${reach} ${reach} 0 1 1 ${2 * reach} 0a${reach} ${reach} 0 1 1 ${-2 * reach} 0z`;
      }
      if (kind === 'companion') return `M${x - reach} ${y}h${2 * reach}M${x} ${y - reach}v${2 * reach}`;
      return kind === 'restrictedView' ? `M${x} ${y - reach}v${2 * reach}` : '';
    })
    .join('');
}
