/** The public entry point of `src/admin`. */
export { AdminShowsService } from './admin-shows.service.js';
export { AdminModule } from './admin.module.js';
export { acceptLayouts } from './layout-bodies.js';
