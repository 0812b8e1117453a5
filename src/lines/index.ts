export { QueueModule } from './lines.module.js';
