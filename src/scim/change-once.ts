import type { EditOperation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import { forNext, type Addressed, type Change, type Effort } from './addressed.ts';
import { scimTypeOf } from './complaint.ts';
import type { Answer } from './message.ts';
import { notKept, sayLost, staysOpen } from './read-back.ts';
import { decide, toOutcome } from './response.ts';
import { say, type Form, type Spoken } from './say.ts';
import type { Voice } from './voice.ts';

/** Says one change, in one request where that is understood, and looks whether it took effect where successes are not to be believed. */
export async function changeOnce(
  voice: Voice,
  addressed: Addressed,
  operation: Exclude<Change, { action: 'members' }>,
  effort: Effort,
  form?: Form,
): Promise<Outcome> {
  const spoken = await say(voice, addressed, operation, effort, form);
  if (spoken.kind === 'unsayable') return { kind: 'skipped', detail: spoken.detail };
  const {
    said: { unresolved, request },
    answer,
  } = spoken;
  const outcome = partly(toOutcome(operation, answer), spoken);
  if (!('edits' in operation)) return outcome;
  if (outcome.kind === 'refused' && request.method === 'PATCH' && decide(answer) === 'refuse') {
    return isWorthParting(operation, answer, addressed)
      ? oneByOne(voice, addressed, operation, outcome, effort)
      : named(operation, outcome);
  }
  if (outcome.kind === 'gone' && voice.profile.speaks.inactiveUsers === 'missing')
    return hidden(operation, addressed, outcome);
  if (outcome.kind !== 'done') return outcome;
  const left = [...unresolved];
  const open = await staysOpen(voice, addressed, operation, answer, effort);
  const lost = open.length > 0 ? open : await notKept(voice, addressed, operation, left, effort);
  if (lost.length === 0) return left.length > 0 ? { ...outcome, unresolved: left } : outcome;
  const detail = sayLost(outcome.status, lost);
  const isNothing = operation.edits.every(({ path }) => left.includes(path) || lost.some((one) => one.path === path));
  return isNothing
    ? { kind: 'refused', status: outcome.status, detail }
    : { ...outcome, unresolved: [...left, ...lost.map(({ path }) => path)], detail };
}

/** What was refused may have been said in parts, of which some were accepted. */
const partly = (outcome: Outcome, spoken: Spoken): Outcome =>
  outcome.kind === 'refused' && spoken.partly === true ? { ...outcome, partly: true } : outcome;

/** Only where the refusal gives no reason, or that one of them never changes, and once: what was refused before is sent once in a pass. */
function isWorthParting({ edits, kind }: EditOperation, answer: Answer, { failedBefore }: Addressed): boolean {
  if (kind !== 'User' || edits.length < 2 || answer.kind !== 'reply') return false;
  return [undefined, 'mutability'].includes(scimTypeOf(answer)) && failedBefore?.() !== true;
}

type Refused = Extract<Outcome, { kind: 'refused' }>;

/** Where closed accounts are answered 404: one that is told to close has closed before, and one that is known to be closed is not gone. */
function hidden({ action }: EditOperation, { known }: Addressed, gone: Extract<Outcome, { kind: 'gone' }>): Outcome {
  if (action === 'deactivate') return { kind: 'done', status: gone.status };
  if (action !== 'update' || known?.['active'] !== false) return gone;
  return {
    kind: 'refused',
    status: gone.status,
    detail: 'it is closed, and this application hides closed accounts, so that they cannot be changed',
  };
}

/** A refusal that gives no reason still has an object. */
function named({ edits, kind }: EditOperation, refused: Refused): Refused {
  const unnamed = edits.map(({ path }) => path).filter((path) => !refused.detail.includes(path));
  return unnamed.length === 0 || kind === 'Group'
    ? refused
    : { ...refused, detail: `${refused.detail} (it was asked to change ${unnamed.join(', ')})` };
}

/** What was said in several requests, of which some were accepted: what is there is not known, so all of it is said again. */
export function broken(outcome: Outcome): Outcome {
  return outcome.kind === 'skipped' ? { kind: 'unknown', detail: outcome.detail } : outcome;
}

/** One attribute that a target does not take must not keep the others from being changed, and the report must name it. */
async function oneByOne(
  voice: Voice,
  addressed: Addressed,
  operation: EditOperation,
  refusal: Refused,
  effort: Effort,
): Promise<Outcome> {
  const accepted = new Set<string>();
  let done: Extract<Outcome, { kind: 'done' }> | undefined;
  let next = addressed;
  for (const edit of operation.edits) {
    const outcome = await changeOnce(voice, next, { ...operation, edits: [edit] }, effort);
    if (outcome.kind !== 'done' && outcome.kind !== 'refused') return done === undefined ? outcome : broken(outcome);
    if (outcome.kind === 'refused') continue;
    next = forNext(addressed, outcome.version);
    if ((outcome.unresolved ?? []).length > 0) continue;
    accepted.add(edit.path);
    done = outcome;
  }
  const open = operation.edits.map(({ path }) => path).filter((path) => !accepted.has(path));
  if (done === undefined)
    return { ...refusal, detail: `${refusal.detail} (it was asked to change ${open.join(', ')}, also one by one)` };
  return open.length === 0
    ? done
    : { ...done, unresolved: open, detail: `without ${open.join(', ')}, which it refuses: ${refusal.detail}` };
}
