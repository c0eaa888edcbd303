import type { EditOperation } from '../model/operation.ts';
import { pathOf } from '../model/path.ts';
import { readBody } from '../model/shape.ts';
import { forNext, type Addressed, type Change, type Effort } from './addressed.ts';
import { scimTypeOf } from './complaint.ts';
import type { Speech } from './habits.ts';
import { groupForm } from './group-form.ts';
import type { Answer, ScimRequest } from './message.ts';
import { ask, readingOf } from './read.ts';
import { quoted, toRequest, type Names, type Said, type Unsayable } from './request.ts';
import { decide, versionOf } from './response.ts';
import { placeMembers } from './say-members.ts';
import { remember, withLatest, type Latest } from './turns.ts';
import type { Voice } from './voice.ts';

/** What was said in the end, and what was answered to that. */
export interface Spoken {
  readonly kind: 'spoken';
  readonly said: Said;
  readonly answer: Answer;
  /** It was said in several requests, and some of them were accepted before this answer. */
  readonly partly?: true;
}

/** How a change is to be said where that is not the target's usual way. */
export type Form = Speech['update'];

/**
 * Says a change until it is understood: by PUT where PATCH is unknown, with the version that is there now where another was
 * named, and for what is really there where a path led nowhere.
 */
export async function say(
  voice: Voice,
  addressed: Addressed,
  operation: Change,
  effort: Effort,
  form?: Form,
): Promise<Spoken | Unsayable> {
  const { remoteId } = addressed;
  const { allows } = voice.profile;
  const habitual = voice.habits.speech(operation.kind);
  const speech: Speech = form === undefined ? habitual : { ...habitual, update: form };
  // Whether a group has become too large for PATCH depends on the one before, too.
  const buildsOnLast =
    operation.kind === 'Group' && (speech.update !== 'patch' || speech.ifMatch || allows.patchedGroupMembers !== null);
  const spoken =
    remoteId !== undefined && buildsOnLast
      ? await voice.turns.take(remoteId, (latest) => inTurn(voice, addressed, operation, speech, latest, effort))
      : await adapt(voice, addressed, operation, speech, effort);
  if (spoken.kind === 'unsayable' || spoken.said.request.method !== 'PATCH' || decide(spoken.answer) !== 'unsupported')
    return spoken;
  return voice.habits.patchIsUnknown(operation.kind) ? say(voice, addressed, operation, effort) : spoken;
}

/** With what the answers before this one have said, and leaving word of its own. */
async function inTurn(
  voice: Voice,
  addressed: Addressed,
  operation: Change,
  usual: Speech,
  latest: Latest,
  effort: Effort,
): Promise<Spoken | Unsayable> {
  const all = addressed.allMembers;
  const known: Names = {
    ...(latest.version === undefined ? addressed : forNext(addressed, latest.version)),
    ...(all === undefined ? {} : { allMembers: () => withLatest(all(), latest) }),
  };
  const speech = groupForm(voice.profile, operation, known, usual);
  if ('kind' in speech) return speech;
  const names: Names = {
    ...known,
    ...(latest.body === undefined
      ? await knownGroup(voice, addressed, operation, speech, effort)
      : { known: latest.body }),
  };
  const spoken = await adapt(voice, names, operation, speech, effort);
  if (spoken.kind === 'unsayable' || spoken.answer.kind !== 'reply' || decide(spoken.answer) !== 'accept')
    return spoken;
  const { add, remove } = placeMembers(
    operation.action === 'members' ? operation : { add: [], remove: [] },
    addressed.resolve,
  );
  remember(latest, versionOf(spoken.answer).version, add, remove);
  if ('edits' in operation) latest.body = operation.body;
  return spoken;
}

/** A membership says nothing of the group's own attributes, which PUT would wipe: they are read where the caller does not know them. */
async function knownGroup(
  voice: Voice,
  addressed: Addressed,
  operation: Change,
  speech: Speech,
  effort: Effort,
): Promise<Pick<Names, 'known'>> {
  const { remoteId, known } = addressed;
  if (operation.action !== 'members' || speech.update !== 'put' || remoteId === undefined) return {};
  if (known !== undefined) return { known };
  const answer = await ask(voice.exchange, 'Group', remoteId, effort);
  return answer.kind === 'reply' && decide(answer) === 'accept'
    ? { known: readBody(answer.body, ['displayName', 'externalId']) }
    : {};
}

async function adapt(
  voice: Voice,
  names: Names,
  operation: Change,
  speech: Speech,
  effort: Effort,
): Promise<Spoken | Unsayable> {
  const spoken = await speak(voice, names, operation, speech, effort);
  if (spoken.kind === 'unsayable') return spoken;
  const adapted = await adaptTo(voice, names, operation, speech, spoken, effort);
  return spoken.partly === true && adapted.kind === 'spoken' ? { ...adapted, partly: true } : adapted;
}

async function adaptTo(
  voice: Voice,
  names: Names,
  operation: Change,
  speech: Speech,
  spoken: Spoken,
  effort: Effort,
): Promise<Spoken | Unsayable> {
  const decision = decide(spoken.answer);
  if (decision === 'stale' && voice.habits.wantsVersions())
    return withFreshVersion(voice, names, operation, speech, spoken, effort);
  if (!('edits' in operation) || speech.update !== 'patch') return spoken;
  return decision === 'noTarget' || mayBePath(names, operation, speech, spoken)
    ? asItIs(voice, names, operation, speech, spoken, effort)
    : spoken;
}

/** Some do not say that it is a path into an element that they refuse. Tried once: what was refused before is sent once in a pass. */
function mayBePath(
  { failedBefore }: Names,
  { edits }: EditOperation,
  speech: Speech,
  { answer, said }: Spoken,
): boolean {
  if (
    answer.kind !== 'reply' ||
    decide(answer) !== 'refuse' ||
    answer.status !== 400 ||
    said.request.method !== 'PATCH'
  )
    return false;
  const type = scimTypeOf(answer);
  const isNamed = type !== undefined && type !== 'invalidfilter' && type !== 'invalidsyntax';
  return (
    !isNamed &&
    speech.valuePaths &&
    edits.some(({ path }) => pathOf(path).filter !== undefined) &&
    failedBefore?.() !== true
  );
}

async function speak(
  voice: Voice,
  names: Names,
  operation: Change,
  speech: Speech,
  effort: Effort,
): Promise<Spoken | Unsayable> {
  const shown = await shownFirst(voice, names, operation, speech, effort);
  if (shown !== undefined && 'answer' in shown) return { kind: 'spoken', said: notSaid, answer: shown.answer };
  const said = toRequest(operation, { ...names, ...shown }, speech);
  return said.kind === 'unsayable' ? said : { kind: 'spoken', said, ...(await inParts(voice, said.request, effort)) };
}

const notSaid: Said = { kind: 'said', request: { method: 'GET', path: '' }, unresolved: [], leftOut: [] };

/** What is there, where it is to be written back with our changes; the answer where it cannot be had. */
async function shownFirst(
  voice: Voice,
  { remoteId }: Names,
  operation: Change,
  speech: Speech,
  effort: Effort,
): Promise<Pick<Names, 'shown' | 'version'> | { readonly answer: Answer } | undefined> {
  const isRemoved =
    operation.action === 'delete' || (operation.action === 'deactivate' && speech.deactivation === 'delete');
  if (speech.update !== 'getThenPut' || isRemoved || remoteId === undefined) return undefined;
  const answer = await ask(voice.exchange, operation.kind, remoteId, effort);
  if (answer.kind !== 'reply' || decide(answer) !== 'accept') return { answer };
  return typeof answer.body === 'object' && answer.body !== null
    ? { shown: answer.body, ...versionOf(answer) }
    : { answer: { ...answer, status: 502 } };
}

/** A PATCH with more operations than a target takes is several, each for the version that the one before made. The first that fails is the answer. */
async function inParts(voice: Voice, request: ScimRequest, effort: Effort): Promise<Pick<Spoken, 'answer' | 'partly'>> {
  const most = voice.profile.allows.operationsPerPatch;
  const { Operations: operations = [], ...message } = (request.body ?? {}) as { Operations?: readonly unknown[] };
  if (request.method !== 'PATCH' || most === null || operations.length <= most)
    return { answer: await voice.exchange.insist(request, effort) };
  let next = request;
  for (let at = 0; ; at += most) {
    const answer = await voice.exchange.insist(
      { ...next, body: { ...message, Operations: operations.slice(at, at + most) } },
      effort,
    );
    const isAccepted = answer.kind === 'reply' && decide(answer) === 'accept';
    if (!isAccepted || at + most >= operations.length)
      return { answer, ...(isAccepted || at === 0 ? {} : { partly: true }) };
    next = forVersion(next, versionOf(answer).version);
  }
}

function forVersion(request: ScimRequest, version: string | undefined): ScimRequest {
  const { ifMatch, ...rest } = request;
  return ifMatch === undefined || version === undefined ? rest : { ...rest, ifMatch: quoted(version) };
}

/** 412 and 428 (RFC 7644 section 3.14): once more with the version that is there now. Our edits are ours whatever else has changed. */
async function withFreshVersion(
  voice: Voice,
  names: Names,
  operation: Change,
  speech: Speech,
  spoken: Spoken,
  effort: Effort,
): Promise<Spoken | Unsayable> {
  const { remoteId } = names;
  if (remoteId === undefined) return spoken;
  const answer = await ask(voice.exchange, operation.kind, remoteId, effort);
  const reading = readingOf(answer, remoteId, []);
  if (reading === 'gone') return { ...spoken, answer };
  if ('unavailable' in reading || reading.version === undefined) return spoken;
  return speak(voice, { ...names, version: reading.version }, operation, { ...speech, ifMatch: true }, effort);
}

/**
 * A PATCH path led nowhere (400 noTarget, invalidPath): somebody changed the account there, or the target does not know such
 * paths. The edits are worked out again from what is there; if that is not understood either, whole attributes are replaced,
 * with what else was there.
 */
async function asItIs(
  voice: Voice,
  names: Names,
  operation: EditOperation,
  speech: Speech,
  spoken: Spoken,
  effort: Effort,
): Promise<Spoken | Unsayable> {
  const { remoteId } = names;
  if (remoteId === undefined) return spoken;
  const paths = [...new Set([...Object.keys(operation.body), ...operation.edits.map(({ path }) => path)])];
  const answer = await ask(voice.exchange, operation.kind, remoteId, effort);
  const reading = readingOf(answer, remoteId, paths);
  if (reading === 'gone') return { ...spoken, answer };
  if ('unavailable' in reading) return spoken;
  const edits = operation.edits
    .map((edit) => ({ ...edit, from: reading.body[edit.path] ?? null }))
    .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to));
  // All is as it should be: the reading itself is the answer.
  if (edits.length === 0) return { ...spoken, answer };
  const anew = { ...operation, edits };
  const fresh: Names = {
    ...names,
    before: reading.body,
    ...(answer.kind === 'reply' ? { shown: answer.body as object } : {}),
    ...(reading.version === undefined ? {} : { version: reading.version }),
  };
  return sayAnew(voice, fresh, anew, speech, spoken, effort);
}

async function sayAnew(
  voice: Voice,
  fresh: Names,
  anew: EditOperation,
  speech: Speech,
  spoken: Spoken,
  effort: Effort,
): Promise<Spoken | Unsayable> {
  const isGuess = decide(spoken.answer) !== 'noTarget';
  const isPathUnknown = isGuess || (spoken.answer.kind === 'reply' && scimTypeOf(spoken.answer) === 'invalidpath');
  const second = isPathUnknown ? spoken : await speak(voice, fresh, anew, speech, effort);
  if (second.kind === 'unsayable' || !(isGuess || decide(second.answer) === 'noTarget') || !speech.valuePaths)
    return second;
  const third = await speak(voice, fresh, anew, { ...speech, valuePaths: false }, effort);
  // It was not the path: the first answer says why.
  return isGuess && third.kind === 'spoken' && decide(third.answer) === 'refuse' ? spoken : third;
}
