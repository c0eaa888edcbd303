import type { Member, MembersOperation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Answer, Reply } from './message.ts';
import type { Membership } from './parcels.ts';
import { explain, toOutcome, versionOf } from './response.ts';

/** A target that has refused so many members of a group one by one and taken none since is not asked for each of the others any more. */
const hopeless = 16;
/** After so many parts that were refused whole as well, each operation on the group is said once, as it is. */
const lastChances = 8;

/** How many refusals of members there were since a group has last taken one, over all operations of a pass. */
export interface Vain {
  refusals: number;
  /** Of whole parts, after that. */
  parts: number;
}

export const neverRefused = (): Vain => ({ refusals: 0, parts: 0 });

/** What has become of the memberships of one operation so far. */
export interface MembersResult {
  /** Whether nothing more is to be said. */
  isOver(): boolean;
  /** Whether what is refused need not be said again in smaller parts. */
  isHopeless(): boolean;
  /** They could not be said. */
  unsaid(members: readonly Member[], detail?: string): void;
  accept(changes: readonly Membership[], reply: Reply): void;
  /** It is so although the request was refused. */
  settle(changes: readonly Membership[], status: number): void;
  /** Accepted, and yet it is not so. */
  retract(changes: readonly Membership[], detail: string): void;
  refuse(reply: Reply): void;
  end(answer: Answer): void;
  outcome(): Outcome;
}

export function openMembersResult(operation: MembersOperation, vain: Vain): MembersResult {
  const all = [...operation.remove, ...operation.add];
  const settled = new Set<Member>();
  let last: Reply | { readonly status: number } | undefined;
  let refusal: Reply | undefined;
  let isRefused = false;
  let ended: Answer | undefined;
  let dependency: string | undefined;
  let retracted: string | undefined;

  function nothing(): Outcome {
    if (ended !== undefined) return toOutcome(operation, ended);
    if (refusal !== undefined) return { kind: 'refused', status: refusal.status, detail: explain(refusal) };
    return { kind: 'skipped', detail: dependency ?? 'nothing to say' };
  }

  return {
    isOver: () => ended !== undefined || (isRefused && vain.parts >= lastChances),
    isHopeless: () => vain.refusals >= hopeless,
    unsaid(members, detail) {
      if (members.length > 0) dependency ??= detail ?? 'they have no account at this target yet';
    },
    accept(changes, reply) {
      for (const { member } of changes) settled.add(member);
      vain.refusals = vain.parts = 0;
      last = reply;
    },
    settle(changes, status) {
      for (const { member } of changes) settled.add(member);
      last ??= { status };
    },
    retract(changes, detail) {
      for (const { member } of changes) settled.delete(member);
      if (changes.length > 0) retracted = detail;
    },
    refuse(reply) {
      refusal = reply;
      isRefused = true;
      if (vain.refusals >= hopeless) vain.parts += 1;
      else vain.refusals += 1;
    },
    end(answer) {
      ended = answer;
    },
    outcome() {
      if (last === undefined) return nothing();
      const leftOut = all.filter((member) => !settled.has(member));
      const answer = ended ?? refusal;
      const why = retracted ?? (answer === undefined ? dependency : explain(answer));
      const detail = `${leftOut.length} of ${all.length} memberships left out: ${why ?? 'the rest was given up'}`;
      if (retracted !== undefined && settled.size === 0) return { kind: 'refused', status: last.status, detail };
      return {
        kind: 'done',
        status: last.status,
        ...('kind' in last ? versionOf(last) : {}),
        ...(leftOut.length === 0 ? {} : { leftOut, detail }),
      };
    },
  };
}
