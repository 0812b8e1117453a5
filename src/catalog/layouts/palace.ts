import { parseDemoLayout, type LayoutPlan } from './layout-plan.js';

const text = `
stage Stage width 22 depth 4 gap 5
aisle 1.4

seat s stalls
seat w stalls wheelchair
seat c stalls companion
section Stalls round 33
A  7s_16s_7s
B  7s_17s_7s
C  8s_16s_8s
D  8s_17s_8s
E  8s_18s_8s
F  8s_19s_8s
G  9s_18s_9s
H  9s_19s_9s
J  9s_20s_9s
K  9s_21s_9s
L  10s_20s_10s
M  10s_21s_10s
N  10s_22s_10s
P  10s_23s_10s
Q  11s_22s_11s
R  11s_23s_11s
S  11s_24s_11s
T  11s_25s_11s
U  12s_24s_12s
V  12s_25s_12s
W  12s_26s_12s
X  12s_27s_12s
Y  13s_26s_13s
Z  13s_27s_13s
AA 13s_wccw20swccw_13s

# The seats in the boxes nearest to the stage view it from the side.
seat r box restrictedView
section "Box 1" prefix *- at -31 -4 turn 90
A rrr
B rr
section "Box 2" prefix *- at -31 -0.4 turn 90
A rrr
B rr
section "Box 3" prefix *- at -31 3.2 turn 90
A rrr
B rr
seat b box
section "Box 4" prefix *- at -31 6.8 turn 90
A bbb
B bb
section "Box 5" prefix *- at -31 10.4 turn 90
A bbb
B bb
section "Box 6" prefix *- at -31 14 turn 90
A bbb
B bb
section "Box 7" prefix *- at -31 17.6 turn 90
A bbb
B bb
section "Box 8" prefix *- at -31 21.2 turn 90
A bbb
B bb
section "Box 9" prefix *- at 31 -4 turn -90
A rrr
B rr
section "Box 10" prefix *- at 31 -0.4 turn -90
A rrr
B rr
section "Box 11" prefix *- at 31 3.2 turn -90
A rrr
B rr
section "Box 12" prefix *- at 31 6.8 turn -90
A bbb
B bb
section "Box 13" prefix *- at 31 10.4 turn -90
A bbb
B bb
section "Box 14" prefix *- at 31 14 turn -90
A bbb
B bb
section "Box 15" prefix *- at 31 17.6 turn -90
A bbb
B bb
section "Box 16" prefix *- at 31 21.2 turn -90
A bbb
B bb

gap 2.9
seat s circle
section Circle prefix C- round 63.4
A  12s_27s_12s
B  13s_26s_13s
C  13s_27s_13s
D  13s_28s_13s
E  13s_29s_13s
F  14s_28s_14s
G  14s_29s_14s
H  14s_30s_14s
J  14s_31s_14s
K  15s_30s_15s
L  15s_31s_15s
M  15s_32s_15s
N  15s_33s_15s
P  16s_32s_16s
Q  16s_33s_16s
`;

/**
 * A palace with 2,000 seats. The stalls have 25 curved rows with wheelchair places in the last one, and the circle
 * behind them has 15 rows. Each side wall has eight boxes of five seats. The three boxes nearest to the stage have a
 * restricted view.
 */
export const palace = (): LayoutPlan => parseDemoLayout(text);
