import type { RemoteId } from '../model/ids.ts';
import type { Member, MembersOperation } from '../model/operation.ts';
import type { Found, Outcome } from '../model/outcome.ts';
import type { Addressed, Effort } from './addressed.ts';
import { toFound } from './found.ts';
import { neverRefused, openMembersResult, type MembersResult } from './members-result.ts';
import { groupForm } from './group-form.ts';
import { halves, openMemberParts } from './member-parts.ts';
import type { Reply, ScimRequest } from './message.ts';
import { parcelLimits, parcels, type Membership } from './parcels.ts';
import { ask, readingOf, type Reading } from './read.ts';
import { decide, explain, type Decision } from './response.ts';
import { bytesOfMember, placeMembers } from './say-members.ts';
import { say } from './say.ts';
import { rememberMembers } from './turns.ts';
import type { Voice } from './voice.ts';

/** Answers that may be due to one member of many. */
const perhapsOneMember: readonly Decision[] = ['missing', 'noTarget', 'refuse', 'conflict', 'tooLarge'];

/** What a request holds besides its memberships. */
const envelopeBytes = 300;

/**
 * Begins and ends memberships of one group. A request that is refused is said again in halves, so that one bad member never
 * keeps the others out:
 *
 *     [a b c d]  400      [a b]  200      [c d]  400      [c]  200      [d]  400: left out
 *
 * What was too large is said in halves too, and so is all that follows in this pass. Of a group that takes nobody, one part
 * after the other is tried whole, until one is taken.
 */
export async function changeMembers(
  voice: Voice,
  addressed: Addressed,
  operation: MembersOperation,
  effort: Effort,
): Promise<Outcome> {
  const { habits } = voice;
  const changes = [
    ...operation.remove.map((member) => ({ member, isRemoval: true })),
    ...operation.add.map((member) => ({ member, isRemoval: false })),
  ];
  const result = openMembersResult(
    operation,
    addressed.remoteId === undefined ? neverRefused() : habits.vain(addressed.remoteId),
  );
  let reading: Promise<Reading> | undefined;

  const accepted: { readonly changes: readonly Membership[]; readonly reply: Reply }[] = [];

  const parts = openMemberParts(changes);
  for (let part = parts.next(); part !== undefined && !result.isOver(); part = parts.next()) {
    const smaller = cut(voice, addressed, only(operation, part), part);
    if (smaller.length > 1) {
      parts.again(smaller);
      continue;
    }
    const spoken = await say(voice, addressed, only(operation, part), effort);
    if (spoken.kind === 'unsayable') {
      result.unsaid(
        part.map(({ member }) => member),
        spoken.detail,
      );
      continue;
    }
    const { answer, said } = spoken;
    result.unsaid(said.leftOut);
    const left = part.filter(({ member }) => !said.leftOut.includes(member));
    const decision = decide(answer);
    if (answer.kind !== 'reply' || isFinal(answer, decision, said.request)) result.end(answer);
    else if (decision === 'accept') {
      result.accept(left, answer);
      accepted.push({ changes: left, reply: answer });
      parts.taken();
    } else if (decision === 'tooLarge') {
      habits.tooManyMembers(left.length);
      parts.again(await afterRefusal(left, answer, decision, unread));
    } else {
      const group = await (reading ??= readGroup(voice, addressed, effort));
      if (group === 'gone') return { kind: 'gone', status: 404, detail: explain(answer) };
      const again = await afterRefusal(left, answer, decision, group);
      if (again.length < 2 || !result.isHopeless()) parts.again(again);
      else {
        result.refuse(answer);
        parts.putOff(again.flat());
      }
    }
  }
  await lookAgain(voice, addressed, accepted, result, effort);
  return result.outcome();

  /** @returns what is to be said again */
  async function afterRefusal(
    left: readonly Membership[],
    answer: Reply,
    decision: Decision,
    group: Exclude<Reading, 'gone'>,
  ): Promise<readonly (readonly Membership[])[]> {
    // A server that cannot even show the group has other troubles than one member.
    if (answer.status === 500 && !('remoteId' in group)) {
      result.end(answer);
      return [];
    }
    const settled = left.filter((change) => isSettled(change, left.length, decision, group, addressed));
    if (settled.length > 0) {
      result.settle(settled, answer.status);
      await leaveWord(voice, addressed, only(operation, settled));
      // They may have been the reason for the refusal: the rest is tried once more as a whole.
      return settled.length === left.length ? [] : [left.filter((change) => !settled.includes(change))];
    }
    if (left.length > 1) return halves(left);
    result.refuse(answer);
    return [];
  }
}

/** Whoever writes the whole group next must know it. */
async function leaveWord(
  { turns }: Voice,
  { remoteId, resolve }: Addressed,
  operation: MembersOperation,
): Promise<void> {
  const { add, remove } = placeMembers(operation, resolve);
  if (remoteId !== undefined)
    await turns.take(remoteId, (latest) => Promise.resolve(rememberMembers(latest, add, remove)));
}

/** Whether there is nothing to be said after an answer, in parts or otherwise. What is written whole does not become smaller by parts. */
function isFinal(answer: Reply, decision: Decision, { method }: ScimRequest): boolean {
  return decision === 'tooLarge' ? method === 'PUT' : decision !== 'accept' && !mayBeOneMember(answer, decision);
}

/** A success may be none: whoever is not shown in the group afterwards was dropped silently. */
async function lookAgain(
  voice: Voice,
  addressed: Addressed,
  accepted: readonly { readonly changes: readonly Membership[]; readonly reply: Reply }[],
  result: MembersResult,
  effort: Effort,
): Promise<void> {
  const { readBack, readsMembers } = voice.profile.speaks;
  const [first, second] = accepted;
  if (readBack === 'never' || !readsMembers || first === undefined) return;
  const shown =
    (second === undefined ? toFound(first.reply.body, [])?.members : undefined) ??
    membersOf(await readGroup(voice, addressed, effort));
  if (shown === undefined) return;
  const there = new Set(shown);
  for (const { changes, reply } of accepted) {
    const dropped = changes.filter(({ member, isRemoval }) => {
      const id = addressed.resolve(member.kind, member.key);
      return id !== undefined && there.has(id) === isRemoval;
    });
    result.retract(dropped, `answered ${reply.status}, but what the target shows afterwards is as it was before`);
  }
}

/** undefined: not known. Where members are shown at all, a group without them has none. */
const membersOf = (reading: Reading): readonly RemoteId[] | undefined =>
  reading === 'gone' || 'unavailable' in reading ? undefined : (reading.members ?? []);

/** A request of its own for each part, as the profile allows and answers have taught. Whole groups are written whole. */
function cut(
  { profile, habits }: Voice,
  addressed: Addressed,
  operation: MembersOperation,
  changes: readonly Membership[],
): readonly (readonly Membership[])[] {
  const { resolve, nameOf } = addressed;
  const speech = groupForm(profile, operation, addressed, habits.speech('Group'));
  if ('kind' in speech || speech.update !== 'patch') return [changes];
  return parcels(changes, parcelLimits(profile), {
    most: habits.mostMembers,
    bytes: profile.allows.bodyBytes - envelopeBytes,
    bytesOf: (change) => bytesOfMember(change, resolve, speech.members, nameOf),
  });
}

/** 500 may be all that a server has to say of a member that it does not know, or has already. */
function mayBeOneMember(answer: Reply, decision: Decision): boolean {
  return perhapsOneMember.includes(decision) || answer.status === 500;
}

const unread: Exclude<Reading, 'gone'> = { unavailable: 'not asked' };

async function readGroup({ exchange }: Voice, { remoteId }: Addressed, effort: Effort): Promise<Reading> {
  if (remoteId === undefined) return 'gone';
  return readingOf(await ask(exchange, 'Group', remoteId, effort), remoteId, []);
}

/** Whether a membership is as it should be although the request was refused. */
function isSettled(
  { member, isRemoval }: Membership,
  said: number,
  decision: Decision,
  group: Found | { readonly unavailable: string },
  { resolve }: Addressed,
): boolean {
  const isAlone = said === 1;
  const id = resolve(member.kind, member.key);
  const isShown = id !== undefined && 'remoteId' in group && (group.members?.includes(id) ?? false);
  // Only a lone refusal says whom it is about. What a listing does not show proves nothing: many show the first hundred members only.
  if (isRemoval) return isAlone && !isShown && (decision === 'noTarget' || decision === 'missing');
  return isShown || (isAlone && decision === 'conflict');
}

function only(operation: MembersOperation, changes: readonly Membership[]): MembersOperation {
  const members = (isRemoval: boolean): readonly Member[] =>
    changes.filter((change) => change.isRemoval === isRemoval).map(({ member }) => member);
  return { ...operation, remove: members(true), add: members(false) };
}
