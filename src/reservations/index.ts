export { ReservationsModule } from './reservations.module.js';
export { ReservationsService } from './reservations.service.js';
