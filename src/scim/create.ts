import type { Outcome } from '../model/outcome.ts';
import type { Speaks } from '../model/profile.ts';
import type { Body } from '../model/resource.ts';
import { member } from '../model/shape.ts';
import { minute } from '../model/time.ts';
import type { Addressed, Effort, Sayable } from './addressed.ts';
import { scimTypeOf } from './complaint.ts';
import { toFound } from './found.ts';
import type { Habits } from './habits.ts';
import { find, type Lookup } from './lookup.ts';
import type { Answer, Reply } from './message.ts';
import { notKept, sayLost } from './read-back.ts';
import { toRequest, type Said } from './request.ts';
import { decide, isConflict, sentence, toOutcome } from './response.ts';
import type { Voice } from './voice.ts';

type Create = Extract<Sayable, { action: 'create' }>;

/**
 * Creates an account, once.
 *
 * POST is the one request that must not be repeated blindly: after an attempt that may have taken effect, it is looked up
 * before it is sent again. An account that is already there becomes ours, if it may.
 */
export async function create(voice: Voice, addressed: Addressed, operation: Create, effort: Effort): Promise<Outcome> {
  if (operation.kind === 'Group' && voice.profile.holds.givenGroups) return given(voice, addressed, operation, effort);
  const said = toRequest(operation, addressed, voice.habits.speech(operation.kind));
  if (said.kind === 'unsayable') return { kind: 'skipped', detail: said.detail };
  if (addressed.mayBeTwin !== true || addressed.uncertain) return post(voice, addressed, operation, said, effort);
  const verdict = beforeTwin(await lookUp(voice, addressed, operation, effort), addressed, operation);
  return verdict.kind === 'send' ? post(voice, addressed, operation, said, effort, verdict.note) : verdict;
}

async function post(
  voice: Voice,
  addressed: Addressed,
  operation: Create,
  said: Said,
  effort: Effort,
  note?: string,
): Promise<Outcome> {
  const { exchange, profile, habits } = voice;
  // What an earlier pass sent without an answer, or this one did.
  let doubtful: Answer | 'earlier' | undefined = addressed.uncertain ? 'earlier' : undefined;
  let words: Pick<Speaks, 'conflictStatuses' | 'conflictWords'> = profile.speaks;
  const mayMeanConflict = (reply: Reply): boolean => isConflict(reply, words);

  for (let attempt = 1; ; attempt += 1) {
    if (doubtful !== undefined) {
      const lookup = await lookUp(voice, addressed, operation, effort);
      const verdict = afterDoubt(lookup, doubtful, addressed, operation);
      if (verdict.kind !== 'send') return verdict;
      note = verdict.note ?? note;
    }
    const answer = await exchange.once(said.request, effort, mayMeanConflict);
    if (answer.kind === 'reply') {
      if (mayMeanConflict(answer)) {
        const outcome = await resolveConflict(voice, addressed, operation, answer, effort);
        if (outcome !== 'asUsual') return outcome;
        words = { ...words, conflictStatuses: words.conflictStatuses.filter((status) => status !== answer.status) };
        continue;
      }
      const decision = decide(answer);
      if (decision === 'accept') return created(voice, addressed, operation, answer, said.unresolved, note, effort);
      if (decision === 'refuse' && isWorthLess(answer, addressed, operation, habits))
        return withLess(voice, addressed, operation, answer, effort);
    }
    if (isDoubtful(answer)) doubtful = answer;
    if (!(await exchange.waitAfter(answer, attempt, effort))) return lastWord(operation, answer, doubtful);
  }
}

/** A group that only the application makes: it is ours once it can be found there. */
async function given(voice: Voice, addressed: Addressed, operation: Create, effort: Effort): Promise<Outcome> {
  const lookup = await lookUp(voice, addressed, operation, effort);
  if (lookup.kind === 'found') return take(lookup, addressed, operation, 200);
  if (lookup.kind === 'unavailable') return { kind: 'unavailable', detail: lookup.detail };
  const why = lookup.kind === 'none' ? '' : ` (${lookup.detail})`;
  return {
    kind: 'refused',
    status: 404,
    detail: `groups are made at this application itself, and it has none called "${operation.name}"${why}: make it there`,
  };
}

/**
 * A target may refuse a person for one attribute that it does not know, and not say which. She is made without all that she can be without; what was
 * left out is said as changes, of which the report names those that are refused.
 */
async function withLess(
  voice: Voice,
  addressed: Addressed,
  operation: Create,
  refusal: Reply,
  effort: Effort,
): Promise<Outcome> {
  const { body, left } = essentials(operation.body);
  const said = toRequest({ ...operation, body }, addressed, voice.habits.speech(operation.kind));
  const answer = said.kind === 'said' ? await voice.exchange.once(said.request, effort) : refusal;
  if (answer.kind !== 'reply' || decide(answer) !== 'accept') {
    voice.habits.lessWasNoHelp();
    // It may have been made all the same.
    return isDoubtful(answer) ? toOutcome(operation, answer) : lastWord(operation, refusal, undefined);
  }
  return created(
    voice,
    addressed,
    { ...operation, body },
    answer,
    left,
    `made without ${left.join(', ')} at first, since it was refused with them: ${sentence(refusal)}`,
    effort,
  );
}

/** Only where the refusal gives no reason, and only once: whoever was refused before is sent once in a pass. */
function isWorthLess(refusal: Reply, { failedBefore }: Addressed, { kind, body }: Create, habits: Habits): boolean {
  if (kind === 'Group' || scimTypeOf(refusal) !== undefined || !habits.mayTryLess()) return false;
  return essentials(body).left.length > 0 && failedBefore?.() !== true;
}

/** What nearly every application knows of a person. */
function essentials(body: Body): { readonly body: Body; readonly left: readonly string[] } {
  const isEssential = (path: string): boolean => /^(userName|externalId|active|displayName|name\b|emails\b)/.test(path);
  const left = Object.keys(body).filter((path) => !isEssential(path));
  return { body: Object.fromEntries(Object.entries(body).filter(([path]) => isEssential(path))), left };
}

function lookUp(
  { exchange, profile }: Voice,
  { paths, owner }: Addressed,
  { kind, body }: Create,
  effort: Effort,
): Promise<Lookup> {
  return find(exchange, profile, { kind, body, paths, owner }, effort);
}

/** Whether the account may have been made although the answer does not say so. */
function isDoubtful(answer: Answer): boolean {
  return answer.kind === 'noAnswer' || (answer.kind === 'reply' && decide(answer) === 'again');
}

/** The answers of a gateway or of nobody: the application may have done its part. Any other 5xx is the application's own "no". */
function mayHaveWorked(doubtful: Answer | 'earlier'): boolean {
  if (doubtful === 'earlier') return false;
  return doubtful.kind !== 'reply' || [408, 502, 504].includes(doubtful.status);
}

type Verdict = Outcome | { readonly kind: 'send'; readonly note?: string };

function afterDoubt(lookup: Lookup, doubtful: Answer | 'earlier', addressed: Addressed, operation: Create): Verdict {
  switch (lookup.kind) {
    case 'found': {
      const isOurs =
        lookup.by === 'externalId' ||
        Object.entries(operation.body).every(([path, value]) => isEqual(lookup.found.body[path], value));
      return take(lookup, { ...addressed, adopt: addressed.adopt || isOurs }, operation, 200);
    }
    case 'none':
      return { kind: 'send' };
    case 'ambiguous':
      return { kind: 'refused', status: 409, detail: lookup.detail };
    case 'unavailable':
      return {
        kind: 'unknown',
        detail: `sent without an answer, and whether it took effect could not be looked up: ${lookup.detail}`,
      };
    case 'untrusted': {
      const note = `it was sent before without an answer, and sent again, since ${lookup.detail}`;
      if (!mayHaveWorked(doubtful)) return { kind: 'send', note };
      return {
        kind: 'unknown',
        detail: `sent without an answer, and ${lookup.detail}; the next pass sends it again: look for doubled accounts there`,
      };
    }
  }
}

/** Whether it is there already, where nothing else would tell. */
function beforeTwin(lookup: Lookup, addressed: Addressed, operation: Create): Verdict {
  switch (lookup.kind) {
    case 'found':
      return take(lookup, addressed, operation, 200);
    case 'none':
      return { kind: 'send' };
    case 'ambiguous':
      return { kind: 'refused', status: 409, detail: lookup.detail };
    case 'unavailable':
      return { kind: 'unavailable', detail: `whether it is there already could not be looked up: ${lookup.detail}` };
    case 'untrusted':
      return { kind: 'send', note: `made without knowing whether it is there already: ${lookup.detail}` };
  }
}

const isEqual = (a: unknown, b: unknown): boolean =>
  JSON.stringify(a)?.toLowerCase() === JSON.stringify(b).toLowerCase();

/** Takes an account over that is already there, unless it is somebody else's or that is not allowed. */
function take(
  { found, by }: Pick<Extract<Lookup, { kind: 'found' }>, 'found' | 'by'>,
  { owner, adopt }: Addressed,
  { kind, key }: Create,
  status: number,
): Outcome {
  const holder = owner(kind, found.remoteId);
  if (holder !== undefined && holder !== key)
    return { kind: 'refused', status: 409, detail: `already there: its ${by} is that of the account of key ${holder}` };
  if (!adopt)
    return {
      kind: 'refused',
      status: 409,
      detail: `already there (found by ${by}), and taking accounts over is switched off for this target: set "adopt" to true, or remove it there`,
    };
  return { kind: 'adopted', status, found };
}

/** @returns `asUsual` where a status that may mean a conflict turns out to mean what it usually does: 429, or a failure */
async function resolveConflict(
  voice: Voice,
  addressed: Addressed,
  operation: Create,
  answer: Reply,
  effort: Effort,
): Promise<Outcome | 'asUsual'> {
  const lookup = await lookUp(voice, addressed, operation, effort);
  const isPlain = decide(answer) === 'conflict';
  switch (lookup.kind) {
    case 'found':
      return take(lookup, addressed, operation, answer.status);
    case 'ambiguous':
      return { kind: 'refused', status: answer.status, detail: lookup.detail };
    case 'unavailable':
      return {
        kind: 'unavailable',
        status: answer.status,
        detail: `already there (${sentence(answer)}), and it could not be looked up: ${lookup.detail}`,
      };
    case 'none':
    case 'untrusted': {
      if (decide(answer) === 'wait' || decide(answer) === 'again') return 'asUsual';
      const why = lookup.kind === 'none' ? '' : ` (${lookup.detail})`;
      return {
        kind: 'refused',
        status: answer.status,
        detail: isPlain ? `already there, but no lookup can see it${why}: ${sentence(answer)}` : sentence(answer),
      };
    }
  }
}

/** Some answer a create with an empty body, or with the account of somebody else that they matched it to. */
async function created(
  voice: Voice,
  addressed: Addressed,
  operation: Create,
  answer: Reply,
  unresolved: readonly string[],
  note: string | undefined,
  effort: Effort,
): Promise<Outcome> {
  const outcome = toOutcome(operation, answer);
  if (outcome.kind !== 'done') return outcome;
  const extra = { ...(unresolved.length === 0 ? {} : { unresolved }), ...(note === undefined ? {} : { detail: note }) };
  if (outcome.remoteId === undefined) {
    const lookup = await lookUp(voice, addressed, operation, effort);
    if (lookup.kind !== 'found')
      return {
        kind: 'unknown',
        detail: `answered ${answer.status} without an id, and no lookup shows the account yet`,
      };
    const taken = take(lookup, { ...addressed, adopt: true }, operation, answer.status);
    return taken.kind === 'adopted' ? { ...outcome, remoteId: taken.found.remoteId, ...extra } : taken;
  }
  const holder = addressed.owner(operation.kind, outcome.remoteId);
  if (holder !== undefined && holder !== operation.key) {
    return {
      kind: 'refused',
      status: answer.status,
      detail: `the target answered with an account that was there before, that of key ${holder}; check what it matches accounts by`,
    };
  }
  const found = wasThere(answer, effort)
    ? toFound(answer.body, addressed.paths, addressed.owner, answer.headers)
    : undefined;
  if (found !== undefined)
    return take({ found, by: 'what the target matches accounts by' }, addressed, operation, answer.status);
  return asKept(voice, addressed, operation, { ...outcome, ...extra }, effort);
}

/** Clocks differ by less than this, in milliseconds. */
const skew = 5 * minute;

/** Some answer a create with an account that they had already; when it was made tells (`meta.created`, RFC 7643 section 3.1). */
function wasThere({ body }: Reply, { sentAt }: Effort): boolean {
  const created = Date.parse(String(member(member(body, 'meta'), 'created')));
  return sentAt !== undefined && created < sentAt - skew;
}

/** Where successes are not to be believed, what was not kept is said once more, as a change. */
async function asKept(
  voice: Voice,
  addressed: Addressed,
  operation: Create,
  outcome: Extract<Outcome, { kind: 'done' }>,
  effort: Effort,
): Promise<Outcome> {
  const { kind, key, name, reason, body } = operation;
  const { remoteId, unresolved: left = [] } = outcome;
  if (remoteId === undefined) return outcome;
  const edits = Object.entries(body).map(([path, to]) => ({ path, from: null, to }));
  const lost = await notKept(
    voice,
    { ...addressed, remoteId },
    { action: 'update', kind, key, name, reason, edits, body },
    left,
    effort,
  );
  return lost.length === 0
    ? outcome
    : { ...outcome, unresolved: [...left, ...lost.map(({ path }) => path)], detail: sayLost(outcome.status, lost) };
}

function lastWord(operation: Create, answer: Answer, doubtful: Answer | 'earlier' | undefined): Outcome {
  const outcome = toOutcome(operation, answer);
  // An earlier attempt of this pass may have worked, whatever kept us from finding out.
  const isOpen =
    doubtful !== undefined && doubtful !== 'earlier' && (outcome.kind === 'unavailable' || outcome.kind === 'skipped');
  return isOpen ? { kind: 'unknown', detail: `sent without an answer; then ${outcome.detail}` } : outcome;
}
