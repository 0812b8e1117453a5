import type { SeatKind } from '@usher/contract';
import type { SeatLook } from './seat-text.js';
import './seat.css';

// All paths lie in a square with a side of one unit and its centre at 0,0. The caller scales the square to the hall's
// pitch.
const square =
  'M-.28-.42h.56a.14.14 0 0 1 .14.14v.56a.14.14 0 0 1-.14.14h-.56a.14.14 0 0 1-.14-.14v-.56a.14.14 0 0 1 .14-.14z';
const circle = 'M-.42 0a.42.42 0 1 1 .84 0a.42.42 0 1 1-.84 0z';

/** The mark on top of the base. It lets people who cannot see the colours distinguish the looks. */
const lookMarks = {
  free: '',
  held: 'M-.4 .1L.1-.4M-.3 .36L.36-.3M-.04 .42L.42-.04',
  sold: 'M-.2-.2L.2.2M.2-.2L-.2.2',
  blocked: 'M-.2 0H.2',
  mine: 'M0-.24L.24 0L0 .24L-.24 0z',
  chosen: 'M-.22.02L-.06.18L.23-.15',
  offered: 'M-.16-.08a.16.16 0 1 1 .24.15q-.08.05-.08.13M0 .28v.02',
} as const satisfies Record<SeatLook, string>;

const kindMarks = {
  standard: '',
  wheelchair: 'M-.06-.26v.02M-.06-.12v.2h.18l.1.18M-.13.02a.15.15 0 1 0 .2.2M-.06-.03h.14',
  companion: 'M0-.16v.32M-.16 0h.32',
  restrictedView: 'M-.26-.26v.52',
} as const satisfies Record<SeatKind, string>;

/** Bars at the foot of a seat: one bar for each tier that is cheaper, but at most three. */
const tierMarks = ['', 'M-.1.3h.2', 'M-.22.3h.18M.04.3h.18', 'M-.3.3h.14M-.07.3h.14M.16.3h.14'] as const;

interface SeatShapeProps {
  readonly look: SeatLook;
  readonly kind: SeatKind;
  /** Position of the seat's tier among the show's tiers, cheapest first. */
  readonly tierIndex: number;
}

/** Draws a seat in the unit square: a base in the colour of the tier or of the look, and marks on top of the base. */
export function SeatShape({ look, kind, tierIndex }: SeatShapeProps) {
  const base = kind === 'wheelchair' || kind === 'companion' ? circle : square;
  const isFree = look === 'free';
  const mark = isFree ? kindMarks[kind] : lookMarks[look];
  const tierMark = isFree || look === 'offered' ? tierMarks[Math.min(tierIndex, tierMarks.length - 1)] : '';
  return (
    <>
      <path className={isFree || look === 'offered' ? `seat-base tier-${tierIndex % 6}` : 'seat-base'} d={base} />
      {mark !== '' && <path className="seat-mark" d={mark} />}
      {tierMark !== '' && <path className="seat-mark" d={tierMark} />}
    </>
  );
}
