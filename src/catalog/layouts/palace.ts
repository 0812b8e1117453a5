import type { LayoutSeat, SeatKind } from '@usher/contract';
import { framed, rowName, type LayoutPlan } from './layout-plan.js';

/** All rows bend around one point above the stage, at the origin: `radius` units away from it. */
const stallsRadius = 33;
const stallsRows = 25;
/** Seats of the first row; each row further back has one more. */
const stallsFrontSeats = 30;

const circleRows = 15;
const circleFrontSeats = 51;
/** Clear space, in units, between the last row of the stalls and the circle's first. */
const circleGap = 4;

const rowPitch = 1.1;

/** Along a row, in units, from the middle of the last seat before an aisle to that of the first one behind it. */
const aisleStep = 2.4;

const boxesPerSide = 8;
/** From the middle of the stage to the boxes' front seats. */
const boxX = 31;
const boxPitch = 3.6;
/** The boxes nearest the stage look along it: seats of the first ones are sold as of restricted view. */
const restrictedBoxes = 3;

interface CurvedRow {
  readonly section: string;
  readonly prefix: string;
  readonly row: string;
  readonly tier: string;
  readonly radius: number;
  readonly seats: number;
  /** Wheelchair places with companions stand in this row, at the aisles of the centre block. */
  readonly accessible: boolean;
}

/** The seats of a curved row, left to right: two side blocks of a quarter each, the centre block between two aisles. */
function curvedRow({ section, prefix, row, tier, radius, seats, accessible }: CurvedRow): LayoutSeat[] {
  const side = Math.floor(seats / 4);
  const arc = seats - 1 + 2 * (aisleStep - 1);
  return Array.from({ length: seats }, (_, index) => {
    const aislesPassed = Number(index >= side) + Number(index >= seats - side);
    const along = index + aislesPassed * (aisleStep - 1) - arc / 2;
    const number = String(index + 1);
    return {
      label: `${prefix}${row}${number}`,
      section,
      row,
      number,
      x: radius * Math.sin(along / radius),
      y: radius * Math.cos(along / radius),
      tier,
      kind: accessible ? kindAtAisle(Math.min(index - side, seats - side - 1 - index)) : 'standard',
    };
  });
}

/** @param fromAisle places between a seat of the centre block and its nearer aisle; negative in the side blocks */
function kindAtAisle(fromAisle: number): SeatKind {
  if (fromAisle === 0 || fromAisle === 3) return 'wheelchair';
  return fromAisle === 1 || fromAisle === 2 ? 'companion' : 'standard';
}

function stalls(): LayoutSeat[] {
  return Array.from({ length: stallsRows }, (_, index) =>
    curvedRow({
      section: 'Stalls',
      prefix: '',
      row: rowName(index),
      tier: 'stalls',
      radius: stallsRadius + index * rowPitch,
      seats: stallsFrontSeats + index,
      accessible: index === stallsRows - 1,
    }),
  ).flat();
}

function circle(): LayoutSeat[] {
  const frontRadius = stallsRadius + (stallsRows - 1) * rowPitch + circleGap;
  return Array.from({ length: circleRows }, (_, index) =>
    curvedRow({
      section: 'Circle',
      prefix: 'C-',
      row: rowName(index),
      tier: 'circle',
      radius: frontRadius + index * rowPitch,
      seats: circleFrontSeats + index,
      accessible: false,
    }),
  ).flat();
}

const boxName = (side: 'left' | 'right', index: number): string =>
  `Box ${index + 1 + (side === 'right' ? boxesPerSide : 0)}`;

/** A box by a side wall: three chairs at the front, two behind them, both rows from the stage backwards. */
function box(side: 'left' | 'right', index: number): LayoutSeat[] {
  const section = boxName(side, index);
  const outwards = side === 'left' ? -1 : 1;
  const top = stallsRadius - 5 + index * boxPitch;
  return [0, 1, 2, 0.5, 1.5].map((place, at) => {
    const back = at >= 3;
    const number = String(at + 1);
    return {
      label: `${section}-${number}`,
      section,
      row: back ? 'back' : 'front',
      number,
      x: outwards * (boxX + (back ? rowPitch : 0)),
      y: top + place,
      tier: 'box',
      kind: index < restrictedBoxes ? 'restrictedView' : 'standard',
    };
  });
}

/**
 * A palace: 2,000 seats. Stalls of 25 curved rows with wheelchair places in the last, a circle of 15 more behind them,
 * and eight boxes of five along each side wall.
 */
export function palace(): LayoutPlan {
  const boxNumbers = Array.from({ length: boxesPerSide }, (_, index) => index);
  const seats = [
    ...stalls(),
    ...boxNumbers.flatMap((index) => box('left', index)),
    ...boxNumbers.flatMap((index) => box('right', index)),
    ...circle(),
  ];
  const sections = [
    { name: 'Stalls' },
    ...boxNumbers.map((index) => ({ name: boxName('left', index) })),
    ...boxNumbers.map((index) => ({ name: boxName('right', index) })),
    { name: 'Circle' },
  ];
  return framed(sections, { label: 'Stage', x: -11, y: stallsRadius - 9, width: 22, height: 4 }, seats);
}
