import type { EditOperation } from '../model/operation.ts';
import type { Body, Json } from '../model/resource.ts';
import type { Addressed, Effort } from './addressed.ts';
import { shownActive } from './found.ts';
import type { Answer } from './message.ts';
import { ask, readingOf } from './read.ts';
import { decide } from './response.ts';
import type { Voice } from './voice.ts';

/** What a target holds at a path although it was told something else. */
export interface Lost {
  readonly path: string;
  /** In words: `"Nurse"`, or `not there`. */
  readonly is: string;
}

/**
 * Which edits of a person did not take effect although they were answered by success, where the profile says that this happens. What cannot be read
 * is believed: a doubt for every person would be no help.
 *
 * @param left paths that were not said at all
 */
export async function notKept(
  voice: Voice,
  { remoteId, owner }: Addressed,
  { kind, action, edits }: EditOperation,
  left: readonly string[],
  effort: Effort,
): Promise<readonly Lost[]> {
  const { readBack, deactivation, inactiveUsers } = voice.profile.speaks;
  if (readBack !== 'always' || kind === 'Group' || remoteId === undefined) return [];
  if (action === 'deactivate' && (deactivation === 'delete' || inactiveUsers !== 'readable')) return [];
  const said = edits.filter(({ path }) => !left.includes(path) && path !== 'password');
  const reading = readingOf(
    await ask(voice.exchange, kind, remoteId, effort),
    remoteId,
    said.map(({ path }) => path),
    owner,
  );
  if (reading === 'gone' || 'unavailable' in reading) return [];
  const there: Body = {
    ...reading.body,
    ...(said.some(({ path }) => path === 'active') ? { active: reading.active } : {}),
  };
  return said.flatMap(({ path, to }) =>
    isKept(there[path], to)
      ? []
      : [{ path, is: there[path] === undefined ? 'not there' : JSON.stringify(there[path]) }],
  );
}

/** "answered 200, and yet title is "x", nickName is not there". */
export const sayLost = (status: number, lost: readonly Lost[]): string =>
  `answered ${status}, and yet ${lost.map(({ path, is }) => `${path} is ${is}`).join(', ')}`;

/**
 * An answer of success that shows the account open, whose closing it answers, is no acknowledgement, whatever the profile says. Some show what was
 * there before, so it is read once more; where that cannot be had, the answer counts.
 */
export async function staysOpen(
  voice: Voice,
  { remoteId }: Addressed,
  { kind, edits }: EditOperation,
  answer: Answer,
  effort: Effort,
): Promise<readonly Lost[]> {
  const isClosing = kind === 'User' && edits.some(({ path, to }) => path === 'active' && to === false);
  if (!isClosing || remoteId === undefined || answer.kind !== 'reply' || shownActive(answer.body) !== true) return [];
  const read = await ask(voice.exchange, kind, remoteId, effort);
  const decision = decide(read);
  const isClosed =
    decision === 'missing' || (decision === 'accept' && read.kind === 'reply' && shownActive(read.body) !== true);
  return isClosed ? [] : [{ path: 'active', is: 'true' }];
}

/** Targets put values into a form of their own: letters and digits tell whether it is the same one. */
export function isKept(actual: Json | undefined, wanted: Json): boolean {
  if (wanted === null || actual === undefined || actual === null) return (actual ?? null) === wanted;
  if (Array.isArray(wanted)) {
    const list: readonly Json[] = Array.isArray(actual) ? (actual as readonly Json[]) : [actual];
    return (wanted as readonly Json[]).every((each) => list.some((one) => isKept(one, each)));
  }
  if (typeof wanted === 'object') {
    return (
      typeof actual === 'object' &&
      Object.entries(wanted).every(([name, value]) => isKept((actual as Readonly<Record<string, Json>>)[name], value))
    );
  }
  return typeof actual !== 'object' && plain(actual) === plain(wanted);
}

const plain = (value: string | number | boolean): string =>
  String(value)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
