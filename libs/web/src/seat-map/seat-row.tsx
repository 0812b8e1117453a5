import type { Money } from '@usher/contract';
import { memo } from 'react';
import type { HallMap, HallRow, HallSeat } from './hall-map.js';
import { decodeLook, type SeatLook, describeSeat } from './seat-text.js';
import { capitalize } from '../ui/format.js';
import { SeatShape } from './seat-shape.js';

/** A tier as the map needs it. */
export interface TierInfo {
  /** Position among the show's tiers, cheapest first. */
  readonly index: number;
  readonly price: Money;
}

interface SeatRowProps {
  readonly map: HallMap;
  readonly row: HallRow;
  /** One letter a seat, see {@link decodeLook}: a string, so that rows without a change are skipped by comparing it. */
  readonly looks: string;
  readonly tiers: ReadonlyMap<string, TierInfo>;
  /** The place in this row of the map's one seat that Tab reaches; -1 when it is in another row. */
  readonly tabPlace: number;
  /** Whether seats are large enough to read their numbers. */
  readonly numbered: boolean;
}

/** One row of the map. Drawn again only when something in this row changed. */
export const SeatRow = memo(function SeatRow({ map, row, looks, tiers, tabPlace, numbered }: SeatRowProps) {
  return (
    <g role="row" aria-label={capitalize(map.manySections ? `${row.section}, row ${row.row}` : `row ${row.row}`)}>
      {row.seats.map((seat, place) => (
        <SeatCell
          key={seat.seat}
          map={map}
          seat={seat}
          look={decodeLook(looks[place])}
          tier={tiers.get(seat.tier)}
          tabbable={place === tabPlace}
          numbered={numbered}
        />
      ))}
    </g>
  );
});

interface SeatCellProps {
  readonly map: HallMap;
  readonly seat: HallSeat;
  readonly look: SeatLook;
  readonly tier: TierInfo | undefined;
  readonly tabbable: boolean;
  readonly numbered: boolean;
}

const SeatCell = memo(function SeatCell({ map, seat, look, tier, tabbable, numbered }: SeatCellProps) {
  const choosable = look === 'free' || look === 'offered' || look === 'chosen';
  return (
    <g
      role="gridcell"
      className={`seat look-${look}`}
      transform={`translate(${seat.x} ${seat.y}) scale(${map.pitch})`}
      tabIndex={tabbable ? 0 : -1}
      aria-label={describeSeat(map, seat, look, tier?.price)}
      aria-selected={look === 'chosen'}
      aria-disabled={choosable ? undefined : true}
      data-seat={seat.seat}
      // Suggested seats are free; the tests and other readers of the page need not know more.
      data-status={look === 'offered' ? 'free' : look}
      data-offered={look === 'offered' ? true : undefined}
    >
      <SeatShape look={look} kind={seat.kind} tierIndex={tier?.index ?? 0} />
      {numbered && look === 'free' && (seat.kind === 'standard' || seat.kind === 'restrictedView') && (
        <text className="seat-number" aria-hidden="true" dy=".06">
          {seat.number}
        </text>
      )}
    </g>
  );
});
