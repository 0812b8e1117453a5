import { listTiers } from '@usher/contract';
import { memo } from 'react';
import { plural } from '../ui/format.js';
import type { HallMap, HallSeat } from './hall-map.js';
import { Scenery } from './scenery.js';

/** Half a seat's width, of the pitch. */
const half = 0.42;

/** Seats that look alike, as one path: a hall of 20,000 is drawn anew with every key that is pressed. */
interface Alike {
  readonly tierIndex: number;
  readonly path: string;
}

/** A hall to look at, nothing more: its seats in the colours of their tiers. */
export const HallDrawing = memo(function HallDrawing({ map }: { readonly map: HallMap }) {
  const words = `${plural(map.seats.length, 'seat')} in ${plural(map.rows.length, 'row')}`;
  return (
    <svg
      className="hall-drawing"
      role="img"
      aria-label={`The hall: ${words}`}
      viewBox={`0 0 ${map.width} ${map.height}`}
    >
      <Scenery map={map} />
      <g className="seat look-free">
        {tierPaths(map).map(({ tierIndex, path }) => (
          <path key={tierIndex} className={`base tier-${tierIndex % 6}`} d={path} />
        ))}
        <path className="mark" d={marks(map)} strokeWidth={map.pitch * 0.08} />
      </g>
    </svg>
  );
});

function tierPaths({ seats, pitch }: HallMap): Alike[] {
  return listTiers(seats).map((tier, tierIndex) => ({
    tierIndex,
    path: seats.flatMap((seat) => (seat.tier === tier ? shape(seat, pitch * half) : [])).join(''),
  }));
}

/** Wheelchair places and the seats beside them are round, all others are square. */
function shape({ x, y, kind }: HallSeat, reach: number): string {
  const size = 2 * reach;
  if (kind === 'standard' || kind === 'restrictedView') return `M${x - reach} ${y - reach}h${size}v${size}h${-size}z`;
  return `M${x - reach} ${y}a${reach} ${reach} 0 1 1 ${size} 0a${reach} ${reach} 0 1 1 ${-size} 0z`;
}

/** A ring in wheelchair places, a cross on companions' seats, a bar over a restricted view. */
function marks({ seats, pitch }: HallMap): string {
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
