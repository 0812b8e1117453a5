import { parseDemoLayout, type LayoutPlan } from './layout-plan.js';

/**
 * A multiplex hall with 320 seats: 16 straight rows, two aisles, and a gangway with four wheelchair places, each next
 * to a companion seat. The best seats of the centre block belong to the tier "premium".
 */
export const multiplex = (): LayoutPlan =>
  parseDemoLayout(`
stage Screen width 19 depth 0.5 gap 3.5
seat S premium
pitch 1.15
section Auditorium
A-C ssss_ssssssssssss_ssss
gap 1.5
D   ssss_cwwcsscwwc_ssss
E-H ssss_ssssssssssss_ssss
J-N ssss_SSSSSSSSSSSS_ssss
P-Q ssss_ssssssssssss_ssss
R   ssssssssssssssssssssss
`);
