// The entry point of src/admission. Other features import only from this file.
export { AdmissionModule } from './admission.module.js';
export { Admission, type SaleCall } from './admission.service.js';
export { RiskCaseRow } from './risk/risk-case.entity.js';
export { SessionRisk } from './risk/session-risk.service.js';
