import { framed, rowName, type LayoutPlan } from './layout-plan.js';
import { straightRow } from './straight-row.js';

const section = 'Auditorium';
const rowPitch = 1.15;

/** Space, in units, of the level gangway that leads to the wheelchair places. */
const gangway = 1.5;

const front = ['ssss_ssssssssssss_ssss', 'ssss_ssssssssssss_ssss', 'ssss_ssssssssssss_ssss'];

const behindGangway = [
  'ssss_cwwcsscwwc_ssss',
  'ssss_ssssssssssss_ssss',
  'ssss_ssssssssssss_ssss',
  'ssss_ssssssssssss_ssss',
  'ssss_ssssssssssss_ssss',
  'ssss_SSSSSSSSSSSS_ssss',
  'ssss_SSSSSSSSSSSS_ssss',
  'ssss_SSSSSSSSSSSS_ssss',
  'ssss_SSSSSSSSSSSS_ssss',
  'ssss_SSSSSSSSSSSS_ssss',
  'ssss_ssssssssssss_ssss',
  'ssss_ssssssssssss_ssss',
  'ssssssssssssssssssssss',
];

/**
 * A multiplex hall: 320 seats in 16 straight rows, two aisles, a gangway with four wheelchair places and a companion
 * seat beside each, the best of the centre block as the tier "premium".
 */
export function multiplex(): LayoutPlan {
  const seats = [...front, ...behindGangway].flatMap((drawing, index) => {
    const y = index * rowPitch + (index < front.length ? 0 : gangway);
    return straightRow({ drawing, section, row: rowName(index), y });
  });
  return framed([{ name: section }], { label: 'Screen', x: -9.5, y: -4, width: 19, height: 0.5 }, seats);
}
