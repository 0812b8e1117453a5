// The entry point of src/seat-map. Other features import only from this file.
export { SeatMapModule } from './seat-map.module.js';
