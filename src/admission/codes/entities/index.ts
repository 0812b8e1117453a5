import { AccessCodeBatchRow } from './access-code-batch.entity.js';
import { AccessCodeUseRow } from './access-code-use.entity.js';
import { AccessCodeRow } from './access-code.entity.js';

/** The entities of access codes. */
export const accessCodeEntities = [AccessCodeBatchRow, AccessCodeRow, AccessCodeUseRow];
