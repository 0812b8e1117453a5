// The entry point of src/admission. Other features import only from this file.
export { AdmissionModule } from './admission.module.js';
export { Admission } from './admission.service.js';
export { BuyerCommands } from './commands/buyer-commands.service.js';
export type { SaleCall } from './calls/sale-call.js';
export { ChallengePassRow } from './challenges/challenge-pass.entity.js';
export { ChallengePasses } from './challenges/challenge-passes.service.js';
export { accessCodeEntities } from './codes/entities/index.js';
export { SessionAccessCodes } from './codes/session-access-codes.js';
export { RiskCaseRow } from './risk/risk-case.entity.js';
export { SessionRisk } from './risk/session-risk.service.js';
export { ViewerAdmission } from './viewers/viewer-admission.service.js';
