export { arena } from './arena.js';
export { artHouse } from './art-house.js';
export type { LayoutPlan } from './layout-plan.js';
export { multiplex } from './multiplex.js';
export { palace } from './palace.js';
