// The entry point of src/lines. Other features import only from this file.
export { LinePlaces } from './line-places.service.js';
export { LineSubscriptions } from './line-subscriptions.service.js';
export { LinesModule } from './lines.module.js';
