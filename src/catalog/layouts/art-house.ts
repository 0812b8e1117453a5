import { framed, rowName, type LayoutPlan } from './layout-plan.js';
import { straightRow } from './straight-row.js';

const section = 'Auditorium';
const rowPitch = 1.1;

const drawings = [
  'ssss_ssss',
  'sssss_sssss',
  'sssss_sssss',
  'sssss_sssss',
  'sssss_sssss',
  'sssss_sssss',
  'sssss_sssss',
  'sssss_sssss',
  'ssssss_ssssss',
];

/** A small art house: 90 seats in nine straight rows, a centre aisle, one tier. */
export function artHouse(): LayoutPlan {
  const seats = drawings.flatMap((drawing, index) =>
    straightRow({ drawing, section, row: rowName(index), y: index * rowPitch }),
  );
  return framed([{ name: section }], { label: 'Screen', x: -4.5, y: -3, width: 9, height: 0.4 }, seats);
}
