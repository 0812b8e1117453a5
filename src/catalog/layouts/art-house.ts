import { parseDemoLayout, type LayoutPlan } from './layout-plan.js';

/** A small art house with 90 seats: nine straight rows, a centre aisle and one tier. */
export const artHouse = (): LayoutPlan =>
  parseDemoLayout(`
stage Screen width 9 depth 0.4 gap 2.6
section Auditorium
A   4s_4s
B-H 5s_5s
J   6s_6s
`);
