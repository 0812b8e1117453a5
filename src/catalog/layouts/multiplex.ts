import { drawn, type LayoutPlan } from './layout-plan.js';

/**
 * A multiplex hall: 320 seats in 16 straight rows, two aisles, a gangway with four wheelchair places and a companion
 * seat beside each, the best of the centre block as the tier "premium".
 */
export const multiplex = (): LayoutPlan =>
  drawn(`
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
