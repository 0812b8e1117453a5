// The entry point of src/reservations. Other features import nothing else of it.
export { ReservationsModule } from './reservations.module.js';
export { ReservationsService } from './reservations.service.js';
