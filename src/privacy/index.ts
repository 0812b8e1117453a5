/** The public entry point of `src/privacy`. */
export { PrivacyModule } from './privacy.module.js';
export { SessionErasureRow } from './session-erasure.entity.js';
export { ShowAnonymizationRow } from './show-anonymization.entity.js';
