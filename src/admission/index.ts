// The entry point of src/admission. Other features import only from this file.
export { AdmissionModule } from './admission.module.js';
export { Admission } from './admission.service.js';
export { ChallengePassRow } from './challenges/challenge-pass.entity.js';
export { ChallengePasses } from './challenges/challenge-passes.service.js';
export type { SaleCall } from './calls/sale-call.js';
export { BuyerCommands } from './calls/buyer-commands.service.js';
export { accessCodeEntities } from './codes/entities/index.js';
export { SessionAccessCodes } from './codes/session-access-codes.js';
