import type { Outcome } from '../model/outcome.ts';
import type { Addressed, Change, Effort } from './addressed.ts';
import { changeOnce } from './change-once.ts';
import { ask, readingOf } from './read.ts';
import { reopen } from './reopen.ts';
import type { Voice } from './voice.ts';

type ResourceChange = Exclude<Change, { action: 'members' }>;

/** Changes one resource, or deletes it. */
export async function change(
  voice: Voice,
  addressed: Addressed,
  operation: ResourceChange,
  effort: Effort,
): Promise<Outcome> {
  if (operation.action === 'reactivate') return reopen(voice, addressed, operation, effort);
  const outcome = await changeOnce(voice, addressed, operation, effort);
  const isDeparture = operation.kind === 'User' && (operation.action === 'deactivate' || operation.action === 'delete');
  return isDeparture && isMissing(outcome) ? seenToBeGone(voice, addressed, operation, outcome, effort) : outcome;
}

const isMissing = (outcome: Outcome): boolean =>
  outcome.kind === 'gone' || (outcome.kind === 'done' && (outcome.status === 404 || outcome.status === 410));

/**
 * One 404 in passing, believed of somebody who leaves, would leave an account open that nobody ever looks at again: it is looked whether the
 * account is really not there. What cannot be read is believed to be gone.
 */
async function seenToBeGone(
  { exchange }: Voice,
  { remoteId }: Addressed,
  { kind }: ResourceChange,
  missing: Outcome,
  effort: Effort,
): Promise<Outcome> {
  if (remoteId === undefined) return missing;
  const reading = readingOf(await ask(exchange, kind, remoteId, effort), remoteId, []);
  if (reading === 'gone' || 'unavailable' in reading) return missing;
  if (!reading.active) return { kind: 'done', status: 404, detail: 'answered 404; the account is there, and closed' };
  return { kind: 'refused', status: 404, detail: 'answered 404, and yet the account is there, and open' };
}
