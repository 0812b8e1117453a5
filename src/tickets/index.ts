/** The public entry point of `src/tickets`. */
export { AdmissionConflictRow } from './check-in/admission-conflict.entity.js';
export { formatShowStart } from './documents/ticket-face.js';
export { ticketKeyColumn, TicketKeyRow } from './keys/ticket-key.entity.js';
export { SessionTickets } from './session-tickets.js';
export { TicketDocumentsService } from './ticket-documents.service.js';
export { TicketRow } from './ticket.entity.js';
export { TicketsModule } from './tickets.module.js';
export { TicketsService } from './tickets.service.js';
export { WalletExpiry } from './wallets/wallet-expiry.service.js';
export { WalletsModule } from './wallets/wallets.module.js';
