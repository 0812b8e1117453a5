// The entry point of src/lines. Other features import nothing else of it.
export { LinePlaces } from './line-places.service.js';
export { LineSubscriptions } from './line-subscriptions.service.js';
export { LinesModule } from './lines.module.js';
