import type { Outcome } from '../model/outcome.ts';
import type { Addressed, Change, Effort } from './addressed.ts';
import { changeOnce } from './change-once.ts';
import { reopen } from './reopen.ts';
import type { Voice } from './voice.ts';

/** Changes one resource, or deletes it. */
export function change(voice: Voice, addressed: Addressed, operation: Exclude<Change, { action: 'members' }>, effort: Effort): Promise<Outcome> {
  return operation.action === 'reactivate' ? reopen(voice, addressed, operation, effort) : changeOnce(voice, addressed, operation, effort);
}
