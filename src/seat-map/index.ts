// The entry point of src/seat-map. Other features import nothing else of it.
export { SeatMapModule } from './seat-map.module.js';
