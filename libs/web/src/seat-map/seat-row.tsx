import type { Money } from '@usher/contract';
import { memo } from 'react';
import { capitalize } from '../ui/format.js';
import type { HallMap, HallRow, HallSeat } from './hall-map.js';
import { SeatShape } from './seat-shape.js';
import { decodeLook, describeSeat, type SeatLook } from './seat-text.js';

/** A price tier as the map needs it. */
export interface TierInfo {
  /** Position among the show's tiers, cheapest first. */
  readonly index: number;
  readonly price: Money;
}

interface SeatRowProps {
  readonly map: HallMap;
  readonly row: HallRow;
  /** One letter per seat, see {@link decodeLook}. React compares the string and skips a row that did not change. */
  readonly looks: string;
  readonly tiers: ReadonlyMap<string, TierInfo>;
  /** Index in this row of the only seat that the Tab key reaches, or -1 if that seat is in another row. */
  readonly tabStopIndex: number;
  /** True if seats are large enough for readable numbers. */
  readonly hasNumbers: boolean;
}

/** One row of the map. React draws the row again only if something in this row changed. */
export const SeatRow = memo(function SeatRow({ map, row, looks, tiers, tabStopIndex, hasNumbers }: SeatRowProps) {
  return (
    <g role="row" aria-label={capitalize(map.hasSeveralSections ? `${row.section}, row ${row.row}` : `row ${row.row}`)}>
      {row.seats.map((seat, index) => (
        <SeatCell
          key={seat.seat}
          map={map}
          seat={seat}
          look={decodeLook(looks[index])}
          tier={tiers.get(seat.tier)}
          isTabStop={index === tabStopIndex}
          hasNumber={hasNumbers}
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
  readonly isTabStop: boolean;
  readonly hasNumber: boolean;
}

const SeatCell = memo(function SeatCell({ map, seat, look, tier, isTabStop, hasNumber }: SeatCellProps) {
  const canBeChosen = look === 'free' || look === 'offered' || look === 'chosen';
  return (
    <g
      role="gridcell"
      className={`seat look-${look}`}
      transform={`translate(${seat.x} ${seat.y}) scale(${map.pitch})`}
      tabIndex={isTabStop ? 0 : -1}
      aria-label={describeSeat(map, seat, look, tier?.price)}
      aria-selected={look === 'chosen'}
      aria-disabled={canBeChosen ? undefined : true}
      data-seat={seat.seat}
      // A suggested seat is a free seat, so tests and other programs that read the page need no separate status for it.
      data-status={look === 'offered' ? 'free' : look}
      data-offered={look === 'offered' ? true : undefined}
    >
      <SeatShape look={look} kind={seat.kind} tierIndex={tier?.index ?? 0} />
      {hasNumber && look === 'free' && (seat.kind === 'standard' || seat.kind === 'restrictedView') && (
        <text className="seat-number" aria-hidden="true" dy=".06">
          {seat.number}
        </text>
      )}
    </g>
  );
});
