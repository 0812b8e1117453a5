export { whenOf } from './documents/ticket-face.js';
