import type { Outcome } from '../model/outcome.ts';
import type { Addressed, Effort } from './addressed.ts';
import { toOutcome } from './response.ts';
import { say, type Change } from './say.ts';
import type { Voice } from './voice.ts';

/** Changes one resource, or deletes it. */
export async function change(voice: Voice, addressed: Addressed, operation: Exclude<Change, { action: 'members' }>, effort: Effort): Promise<Outcome> {
  const spoken = await say(voice, addressed, operation, effort);
  if (spoken.kind === 'unsayable') return { kind: 'skipped', detail: spoken.detail };
  const { unresolved } = spoken.said;
  const outcome = toOutcome(operation, spoken.answer);
  return outcome.kind === 'done' && unresolved.length > 0 ? { ...outcome, unresolved } : outcome;
}
