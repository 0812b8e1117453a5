import { parseDemoLayout, type LayoutPlan } from './layout-plan.js';

/**
 * An arena with 20,000 seats: three rings of twenty sections around the floor, with wheelchair places in the last row
 * of the lower ring.
 */
export const arena = (): LayoutPlan =>
  parseDemoLayout(`
stage Floor width 46 depth 28 at 0 0

seat s lower
seat w lower wheelchair
seat c lower companion
section 101-120 at 0 0 round 35 step 18
A-B 9s
C-E 10s
F-G 11s
H-K 12s
L-N 13s
P-R 14s
S-U 15s
V   wc12scw

seat s middle
section 201-220 at 0 0 round 60 step 18
A-B 17s
C-E 18s
F-H 19s
J-L 20s
M-P 21s
Q-S 22s
T   23s

seat s upper
section 301-320 at 0 0 round 84 step 18
A-C 24s
D-J 26s
K-M 27s
N   28s
P-Q 29s
`);
