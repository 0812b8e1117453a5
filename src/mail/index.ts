/** The public entry point of `src/mail`. */
export { SessionMails } from './session-mails.js';
