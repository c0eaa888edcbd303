import type { Member, MembersOperation } from '../model/operation.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Answer, Reply } from './message.ts';
import type { Membership } from './parcels.ts';
import { explain, toOutcome, versionOf } from './response.ts';

/** A target that has refused so many members one by one and taken none refuses the rest as well. */
const hopeless = 4;

/** What has become of the memberships of one operation so far. */
export interface MembersResult {
  /** Whether nothing more is to be said. */
  isOver(): boolean;
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

export function openMembersResult(operation: MembersOperation): MembersResult {
  const all = [...operation.remove, ...operation.add];
  const settled = new Set<Member>();
  let last: Reply | { readonly status: number } | undefined;
  let refusal: Reply | undefined;
  let refusals = 0;
  let ended: Answer | undefined;
  let dependency: string | undefined;
  let dropped: string | undefined;

  function nothing(): Outcome {
    if (ended !== undefined) return toOutcome(operation, ended);
    if (refusal !== undefined) return { kind: 'refused', status: refusal.status, detail: explain(refusal) };
    return { kind: 'skipped', detail: dependency ?? 'nothing to say' };
  }

  return {
    isOver: () => ended !== undefined || (refusals >= hopeless && settled.size === 0),
    unsaid(members, detail) {
      if (members.length > 0) dependency ??= detail ?? 'they have no account at this target yet';
    },
    accept(changes, reply) {
      for (const { member } of changes) settled.add(member);
      last = reply;
    },
    settle(changes, status) {
      for (const { member } of changes) settled.add(member);
      last ??= { status };
    },
    retract(changes, detail) {
      for (const { member } of changes) settled.delete(member);
      if (changes.length > 0) dropped = detail;
    },
    refuse(reply) {
      refusal = reply;
      refusals += 1;
    },
    end(answer) {
      ended = answer;
    },
    outcome() {
      if (last === undefined) return nothing();
      const leftOut = all.filter((member) => !settled.has(member));
      const answer = ended ?? refusal;
      const why = dropped ?? (answer === undefined ? dependency : explain(answer));
      const detail = `${leftOut.length} of ${all.length} memberships left out: ${why ?? 'the rest was given up'}`;
      if (dropped !== undefined && settled.size === 0) return { kind: 'refused', status: last.status, detail };
      return { kind: 'done', status: last.status, ...('kind' in last ? versionOf(last) : {}), ...(leftOut.length === 0 ? {} : { leftOut, detail }) };
    },
  };
}
