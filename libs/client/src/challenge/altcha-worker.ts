import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2';
import { handler } from 'altcha-lib/workers/shared';

// The script of the workers that `solveAltcha` starts.
handler({ deriveKey });
