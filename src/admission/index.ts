// The entry point of src/admission. Other features import only from this file.
export { AdmissionModule } from './admission.module.js';
export { Admission, type SaleCall } from './admission.service.js';
export { AccessCodeUses } from './codes/access-code-uses.service.js';
export { accessCodeEntities } from './codes/entities/index.js';
export { SessionAccessCodes } from './codes/session-access-codes.js';
