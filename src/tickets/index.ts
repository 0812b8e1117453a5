export { priceText, whenOf } from './documents/ticket-face.js';
