import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Cache of compiled code for all processes that tests start, so that they start faster. */
export const compileCache = join(tmpdir(), 'scimsync-compile-cache');
