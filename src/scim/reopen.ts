import type { EditOperation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import { forNext, type Addressed, type Effort } from './addressed.ts';
import { broken, changeOnce } from './change-once.ts';
import { create } from './create.ts';
import { ask, readingOf } from './read.ts';
import type { Form } from './say.ts';
import type { Voice } from './voice.ts';

const opening = { path: 'active', from: false, to: true } as const;

/** What is to be changed besides. */
const pathsBeside = ({ edits }: EditOperation): readonly string[] =>
  edits.map(({ path }) => path).filter((path) => path !== opening.path);

/** Opens an account that was closed, in the way that its application lets it be opened. */
export async function reopen(
  voice: Voice,
  addressed: Addressed,
  operation: EditOperation,
  effort: Effort,
): Promise<Outcome> {
  const { reactivation, inactiveUsers, inactiveChanges } = voice.profile.speaks;
  switch (reactivation) {
    case 'create':
      return anew(voice, addressed, operation, effort);
    case 'never':
      return byHand(voice, addressed, operation, effort);
    case 'put':
    case 'active': {
      const form = formOf(voice);
      const outcome = inactiveChanges
        ? await changeOnce(voice, addressed, operation, effort, form)
        : await inTwoSteps(voice, addressed, operation, effort, form);
      return outcome.kind === 'gone' && inactiveUsers === 'missing'
        ? anew(voice, addressed, operation, effort)
        : outcome;
    }
  }
}

/** What a closed account cannot show, or shows under made-up names, must not be written back: it is written as we know it. */
function formOf({ profile: { speaks }, habits }: Voice): Form | undefined {
  const form = speaks.reactivation === 'put' ? 'getThenPut' : habits.speech('User').update;
  if (form === 'getThenPut' && speaks.inactiveUsers !== 'readable') return 'put';
  return speaks.reactivation === 'put' ? form : undefined;
}

/** First opened, then changed. What could not be changed is said again as a change of its own. */
async function inTwoSteps(
  voice: Voice,
  addressed: Addressed,
  operation: EditOperation,
  effort: Effort,
  form: Form | undefined,
): Promise<Outcome> {
  const rest = operation.edits.filter(({ path }) => path !== 'active');
  // Said as a whole resource, it is the one that is known there, opened.
  const body = addressed.known === undefined ? operation.body : { ...addressed.known, active: true };
  const opened = await changeOnce(voice, addressed, { ...operation, edits: [opening], body }, effort, form);
  if (opened.kind !== 'done' || rest.length === 0) return opened;
  const changed = await changeOnce(
    voice,
    forNext(addressed, opened.version),
    { ...operation, action: 'update', edits: rest },
    effort,
  );
  if (changed.kind !== 'refused') return broken(changed);
  return {
    ...opened,
    unresolved: pathsBeside(operation),
    detail: `opened, and not changed otherwise: ${changed.detail}`,
  };
}

/** A closed account is answered 404, or only a create opens it: what is there then is ours, under whatever id. */
async function anew(voice: Voice, addressed: Addressed, operation: EditOperation, effort: Effort): Promise<Outcome> {
  const { kind, key, name, reason, body } = operation;
  const made = await create(voice, addressed, { action: 'create', kind, key, name, reason, body }, effort);
  if (made.kind !== 'adopted' || made.found.active) return made;
  const { remoteId } = made.found;
  const opened = await changeOnce(voice, { ...addressed, remoteId }, { ...operation, edits: [opening] }, effort);
  if (opened.kind !== 'done')
    return opened.kind === 'gone'
      ? {
          kind: 'refused',
          status: 404,
          detail: 'it is there, closed, and cannot be opened by SCIM: open it at the application',
        }
      : opened;
  return { ...opened, remoteId, unresolved: pathsBeside(operation) };
}

/** Only a person can open it; whether somebody has, the application says. */
async function byHand(voice: Voice, addressed: Addressed, operation: EditOperation, effort: Effort): Promise<Outcome> {
  const { remoteId } = addressed;
  if (remoteId === undefined)
    return { kind: 'skipped', detail: `dependency: ${operation.name} has no account at this target` };
  const answer = await ask(voice.exchange, operation.kind, remoteId, effort);
  const reading = readingOf(answer, remoteId, []);
  if (reading !== 'gone' && !('unavailable' in reading) && reading.active) {
    return {
      kind: 'done',
      status: 200,
      unresolved: pathsBeside(operation),
      detail: 'it was opened at the application',
    };
  }
  return {
    kind: 'refused',
    status: answer.kind === 'reply' ? answer.status : 0,
    detail: `this application opens a closed account for nobody but a person: open the account of ${operation.name} there`,
  };
}
