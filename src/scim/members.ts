import type { Member, MembersOperation } from '../model/operation.ts';
import type { Found, Outcome } from '../model/outcome.ts';
import type { Addressed, Effort } from './addressed.ts';
import type { Answer, Reply } from './message.ts';
import { ask, readingOf, type Reading } from './read.ts';
import { decide, explain, toOutcome, versionOf, type Decision } from './response.ts';
import { say } from './say.ts';
import type { Voice } from './voice.ts';

/** One membership to begin or to end. */
interface Membership {
  readonly member: Member;
  readonly isRemoval: boolean;
}

/** A target that has refused so many members one by one and taken none refuses the rest as well. */
const hopeless = 4;

/** Answers that may be due to one member of many. */
const perhapsOneMember: readonly Decision[] = ['missing', 'noTarget', 'refuse', 'conflict', 'tooLarge'];

/**
 * Begins and ends memberships of one group. A request that is refused is said again in halves, so that one bad member never
 * keeps the others out:
 *
 *     [a b c d]  400      [a b]  200      [c d]  400      [c]  200      [d]  400: left out
 */
export async function changeMembers(voice: Voice, addressed: Addressed, operation: MembersOperation, effort: Effort): Promise<Outcome> {
  const changes = [...operation.remove.map((member) => ({ member, isRemoval: true })), ...operation.add.map((member) => ({ member, isRemoval: false }))];
  const result = openResult(operation, changes.length);
  let reading: Promise<Reading> | undefined;

  const parts: (readonly Membership[])[] = [changes];
  for (let part = parts.shift(); part !== undefined && !result.isOver(); part = parts.shift()) {
    const spoken = await say(voice, addressed, only(operation, part), effort);
    if (spoken.kind === 'unsayable') {
      result.unsaid(part.map(({ member }) => member), spoken.detail);
      continue;
    }
    const { answer, said } = spoken;
    result.unsaid(said.leftOut);
    const left = part.filter(({ member }) => !said.leftOut.includes(member));
    const decision = decide(answer);
    if (answer.kind !== 'reply' || (decision !== 'accept' && !perhapsOneMember.includes(decision))) result.end(answer);
    else if (decision === 'accept') result.accept(left, answer);
    else {
      const group = decision === 'tooLarge' ? unread : await (reading ??= readGroup(voice, addressed, effort));
      if (group === 'gone') return { kind: 'gone', status: 404, detail: explain(answer) };
      const open = left.filter((change) => !isSettled(change, left.length, decision, group, addressed));
      if (open.length < left.length) result.settle(left.filter((change) => !open.includes(change)), answer.status);
      if (open.length === 1 && left.length === 1) result.refuse(answer);
      else parts.unshift(...halves(open, open.length < left.length));
    }
  }
  return result.outcome();
}

const unread: Reading = { unavailable: 'not asked' };

async function readGroup({ exchange }: Voice, { remoteId }: Addressed, effort: Effort): Promise<Reading> {
  if (remoteId === undefined) return 'gone';
  return readingOf(await ask(exchange, 'Group', remoteId, effort), remoteId, []);
}

/** Those that turned out to be settled may have been the reason for the refusal: then the rest is tried once more as a whole. */
function halves(changes: readonly Membership[], isSmaller: boolean): readonly (readonly Membership[])[] {
  const middle = isSmaller ? changes.length : Math.ceil(changes.length / 2);
  return [changes.slice(0, middle), changes.slice(middle)].filter((half) => half.length > 0);
}

/** Whether a membership is as it should be although the request was refused. */
function isSettled({ member, isRemoval }: Membership, said: number, decision: Decision, group: Found | { readonly unavailable: string }, { resolve }: Addressed): boolean {
  const isAlone = said === 1;
  // Only a lone refusal says whom it is about. What a listing does not show proves nothing: many show the first hundred members only.
  if (isRemoval) return isAlone && (decision === 'noTarget' || decision === 'missing');
  if (isAlone && decision === 'conflict') return true;
  const id = resolve(member.kind, member.key);
  return id !== undefined && 'remoteId' in group && (group.members?.includes(id) ?? false);
}

function only(operation: MembersOperation, changes: readonly Membership[]): MembersOperation {
  const members = (isRemoval: boolean): readonly Member[] => changes.filter((change) => change.isRemoval === isRemoval).map(({ member }) => member);
  return { ...operation, remove: members(true), add: members(false) };
}

/** What has become of the memberships so far. */
function openResult(operation: MembersOperation, all: number) {
  const settled = new Set<Member>();
  let last: Reply | { readonly status: number } | undefined;
  let refusal: Reply | undefined;
  let refusals = 0;
  let ended: Answer | undefined;
  let dependency: string | undefined;

  return {
    isOver: (): boolean => ended !== undefined || (refusals >= hopeless && settled.size === 0),
    unsaid(members: readonly Member[], detail?: string): void {
      if (members.length > 0) dependency ??= detail ?? 'they have no account at this target yet';
    },
    accept(changes: readonly Membership[], reply: Reply): void {
      for (const { member } of changes) settled.add(member);
      last = reply;
    },
    settle(changes: readonly Membership[], status: number): void {
      for (const { member } of changes) settled.add(member);
      last ??= { status };
    },
    refuse(reply: Reply): void {
      refusal = reply;
      refusals += 1;
    },
    end(answer: Answer): void {
      ended = answer;
    },
    outcome(): Outcome {
      const reason = ended ?? refusal;
      if (last === undefined) {
        if (ended !== undefined) return toOutcome(operation, ended);
        if (refusal !== undefined) return { kind: 'refused', status: refusal.status, detail: explain(refusal) };
        return { kind: 'skipped', detail: dependency ?? 'nothing to say' };
      }
      const leftOut = [...operation.remove, ...operation.add].filter((member) => !settled.has(member));
      const why = reason === undefined ? dependency : explain(reason);
      const detail = `${leftOut.length} of ${all} memberships left out: ${why ?? 'the rest was given up'}`;
      return { kind: 'done', status: last.status, ...('kind' in last ? versionOf(last) : {}), ...(leftOut.length === 0 ? {} : { leftOut, detail }) };
    },
  };
}
