import { useId, useRef, useState } from 'react';
import { findMiddleSeat } from './find-seat.js';
import type { HallMap, HallSeat } from './hall-map.js';
import { SeatGrid } from './seat-grid.js';
import type { TierInfo } from './seat-row.js';
import { decodeLook, describeSeat } from './seat-text.js';
import { useZoom } from './use-zoom.js';
import { ZoomButtons } from './zoom-buttons.js';
import './hall.css';

interface SeatMapProps {
  readonly map: HallMap;
  /** One string per row, see `encodeRowLooks`. */
  readonly looks: readonly string[];
  readonly tiers: ReadonlyMap<string, TierInfo>;
  /** Called when the user presses a seat of any status. */
  readonly onPress: (seat: HallSeat) => void;
}

/** Shows the hall with its zoom buttons, and describes the seat under the pointer in words. */
export function SeatMap({ map, looks, tiers, onPress }: SeatMapProps) {
  const box = useRef<HTMLDivElement>(null);
  const zoom = useZoom(box, map);
  const [activeSeat, setActiveSeat] = useState(() => findMiddleSeat(map));
  const [pointedSeat, setPointedSeat] = useState<HallSeat | null>(null);
  const helpId = useId();
  const shownSeat = pointedSeat ?? activeSeat;
  const shownLook = decodeLook(looks[shownSeat.rowIndex]?.[shownSeat.indexInRow]);
  return (
    <div className="seat-map">
      <div className="hall-tools">
        <p className="seat-info" aria-hidden="true">
          {describeSeat(map, shownSeat, shownLook, tiers.get(shownSeat.tier)?.price)}
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
          activeSeat={activeSeat}
          onActivate={setActiveSeat}
          onPoint={setPointedSeat}
          helpId={helpId}
        />
      </div>
      <p id={helpId} className="secondary-text hall-help">
        Press a seat to choose it. On a keyboard, the arrow keys move, Enter or Space chooses, and plus and minus zoom.
      </p>
    </div>
  );
}
