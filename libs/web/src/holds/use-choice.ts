import type { ShowView } from '@usher/client';
import { SeatStatus } from '@usher/contract';
import { useEffect, useState } from 'react';
import type { HallMap, HallSeat } from '../seat-map/hall-map.js';
import { describePlace, listSeatLabels } from '../seat-map/seat-text.js';
import { describeChoiceLimit, type Refusal } from '../service/refusals.js';
import { useAnnounce } from '../ui/announcer.js';
import { formatCount } from '../ui/format.js';
import { splitByAvailability, toggleSeat } from './choice.js';

interface ChoiceInput {
  readonly view: ShowView;
  readonly map: HallMap;
  /** Maximum number of seats in the choice. */
  readonly choiceMax: number;
  /** True while a reservation or a release is running. */
  readonly isBusy: boolean;
  /**
   * Called after the user has pressed a seat: with null if the choice changed, otherwise with the reason why it did
   * not.
   */
  readonly onPressed: (refusal: Refusal | null) => void;
}

/**
 * Keeps the seats that the buyer has chosen on the map. If another buyer takes a chosen seat, this hook removes the
 * seat from the choice and announces the seat to screen readers.
 */
export function useChoice({ view, map, choiceMax, isBusy, onPressed }: ChoiceInput) {
  const announce = useAnnounce();
  const [chosenSeats, setChosenSeats] = useState<readonly number[]>([]);
  const [takenSeats, setTakenSeats] = useState<readonly number[]>([]);

  // While a reservation is running, its own hold makes the chosen seats `held`. The answer then says who holds them.
  if (!isBusy) {
    const split = splitByAvailability(chosenSeats, (seat) => view.seats[seat] === SeatStatus.free);
    if (split.takenSeats.length > 0) {
      setChosenSeats(split.keptSeats);
      setTakenSeats(split.takenSeats);
    }
  }

  useEffect(() => {
    if (takenSeats.length === 0) return;
    announce(`Someone else has just taken ${listSeatLabels(map, takenSeats)}, so we removed them from your choice.`);
  }, [announce, takenSeats, map]);

  const pressSeat = (seat: HallSeat) => {
    if (isBusy) return;
    if (view.seats[seat.seat] !== SeatStatus.free && !chosenSeats.includes(seat.seat)) {
      announce(`${describePlace(map, seat)} is not free.`);
      return;
    }
    const result = toggleSeat(chosenSeats, seat.seat, choiceMax);
    if (result.done === 'full') {
      const refusal = describeChoiceLimit(choiceMax);
      onPressed(refusal);
      announce(refusal.text, 'assertive');
      return;
    }
    onPressed(null);
    setChosenSeats(result.chosenSeats);
    const change = result.done === 'added' ? 'chosen' : 'no longer chosen';
    announce(`${describePlace(map, seat)} ${change}, ${formatCount(result.chosenSeats.length, 'seat')} in total.`);
  };

  return { chosenSeats, setChosenSeats, pressSeat };
}
