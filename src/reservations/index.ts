// The entry point of src/reservations. Other features import only from this file.
export { ReservationsModule } from './reservations.module.js';
export { ReservationsService } from './reservations.service.js';
