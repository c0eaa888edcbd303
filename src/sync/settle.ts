import { inDoubtAfter, isInDoubtAfterRefusal } from '../model/in-doubt.ts';
import { assertNever } from '../model/errors.ts';
import { isRemoval, type Member, type Operation } from '../model/operation.ts';
import type { Outcome, SnapshotChange } from '../model/outcome.ts';
import type { FlatResource, KnownState } from '../model/resource.ts';
import type { FollowUp } from '../model/requeue.ts';
import { applyEdits } from '../plan/apply-edits.ts';
import type { OperationState } from '../store/store.ts';

/** The change to the snapshot, and whether the record is compared again. */
export interface Settlement {
  readonly change: SnapshotChange;
  readonly followUp: FollowUp;
}

/** How often an operation was sent. After a retry, the effect of the first request is unknown. */
export interface AttemptCounts {
  readonly requests: number;
  readonly retries: number;
}

const keep: SnapshotChange = { kind: 'keep' };

/**
 * Derives the change to the snapshot and the follow-up from an operation and its outcome. Only a response changes the
 * snapshot, by what the response acknowledged: edits apply to the state that is known now, not to the state when they
 * were planned. A request without a response leaves its paths in doubt.
 */
export function settle(
  operation: Operation,
  outcome: Outcome,
  known: KnownState | undefined,
  { requests, retries }: AttemptCounts,
): Settlement {
  switch (outcome.kind) {
    case 'rejected': {
      // Before this refusal, an attempt without a response may have taken effect, or a part was accepted.
      const mayHaveEffect = retries > 0 || outcome.partial === true;
      return {
        change: afterRefusal(operation, outcome, known, { requests, mayHaveEffect }),
        followUp: followUpOf(operation, mayHaveEffect || outcome.mayExist === true),
      };
    }
    case 'skipped':
      return { change: keep, followUp: followUpOf(operation, false) };
    case 'valueTaken': {
      const refusal = { kind: 'rejected', status: outcome.status, detail: outcome.detail } as const;
      const change = afterRefusal(operation, refusal, known, { requests, mayHaveEffect: retries > 0 });
      return { change, followUp: 'thisPass' };
    }
    case 'unavailable':
      // An answer to a create, a conflict for example, may hide that it took effect before the target broke off.
      return {
        change: requests > 0 ? inDoubtAfter(operation) : keep,
        followUp: followUpOf(operation, outcome.status !== undefined),
      };
    case 'unknown':
      return {
        change: withUnprovenRemoval(operation, outcome.status !== undefined, inDoubtAfter(operation), known),
        followUp: operation.action === 'create' || operation.action === 'verifyCreate' ? 'verifyFirst' : 'nextPass',
      };
    case 'notFound':
      // An account that went missing before the create may be back: its removal is planned now.
      if (operation.action === 'verifyCreate')
        return { change: keep, followUp: known === undefined ? 'none' : 'thisPass' };
      return isRemoval(operation)
        ? { change: { kind: 'forget' }, followUp: 'none' }
        : { change: { kind: 'missing' }, followUp: 'nextPass' };
    case 'adopted':
      return { change: { kind: 'adopt', resource: outcome.resource }, followUp: 'thisPass' };
    case 'done':
      return acknowledged(operation, outcome, known);
    default:
      return assertNever(outcome);
  }
}

function afterRefusal(
  operation: Operation,
  { status, isPresent, membersInDoubt }: Extract<Outcome, { kind: 'rejected' }>,
  known: KnownState | undefined,
  { requests, mayHaveEffect }: { readonly requests: number; readonly mayHaveEffect: boolean },
): SnapshotChange {
  if (mayHaveEffect || (requests > 0 && isInDoubtAfterRefusal(operation, status)))
    return withUnprovenRemoval(operation, isPresent === true, inDoubtAfter(operation), known);
  return membersInDoubt === undefined ? keep : { kind: 'membersInDoubt', members: membersInDoubt };
}

/** A removal that was answered and acknowledged nothing (202, a web page) has no proven effect. */
function withUnprovenRemoval(
  operation: Operation,
  isWithoutEffect: boolean,
  change: SnapshotChange,
  known: KnownState | undefined,
): SnapshotChange {
  return isRemoval(operation) && isWithoutEffect && change.kind === 'inDoubt'
    ? { ...change, unprovenRemovals: (known?.unprovenRemovals ?? 0) + 1 }
    : change;
}

/** How an operation ended, for the journal. */
export function stateOf(operation: Operation, outcome: Outcome): OperationState {
  switch (outcome.kind) {
    case 'done':
      // Members and attributes that the target refused stay requeued: the operation as a whole has not succeeded.
      return [outcome.rejectedMembers, outcome.refused].some((refused = []) => refused.length > 0) ? 'failed' : 'done';
    case 'adopted':
    case 'unknown':
    case 'skipped':
      return outcome.kind;
    case 'valueTaken':
      return 'skipped';
    case 'notFound':
      return isRemoval(operation) || operation.action === 'verifyCreate' ? 'done' : 'failed';
    case 'rejected':
    case 'unavailable':
      return 'failed';
  }
}

function followUpOf({ action }: Operation, mayExist: boolean): FollowUp {
  return action === 'verifyCreate' || (action === 'create' && mayExist) ? 'verifyFirst' : 'nextPass';
}

function acknowledged(
  operation: Operation,
  outcome: Extract<Outcome, { kind: 'done' }>,
  known: KnownState | undefined,
): Settlement {
  const version = outcome.version === undefined ? {} : { version: outcome.version };
  const refused = outcome.refused ?? [];
  const unresolved = [...(outcome.unresolved ?? []), ...refused];
  const followUp = followUpFor(outcome.unresolved ?? [], refused);
  switch (operation.action) {
    case 'create': {
      const body = withoutPaths(operation.body, unresolved);
      const id = outcome.remoteId === undefined ? {} : { remoteId: outcome.remoteId };
      return { change: { kind: 'remember', ...id, body, active: isActive(body), ...version }, followUp };
    }
    case 'update':
    case 'deactivate':
    case 'reactivate': {
      const acknowledgedEdits = operation.edits.filter(({ path }) => !unresolved.includes(path));
      const body = applyEdits(known?.body ?? {}, acknowledgedEdits);
      // A refused change of `active` may have taken effect all the same.
      const inDoubt = {
        begins: refused.filter((path) => path === 'active'),
        ends: acknowledgedEdits.map(({ path }) => path),
      };
      // Some targets reactivate only by a create, which may assign another id.
      const newId = outcome.movedTo ?? (operation.action === 'reactivate' ? outcome.remoteId : undefined);
      const id = newId === undefined ? {} : { remoteId: newId };
      return {
        change: { kind: 'remember', ...id, body, active: isActive(body), inDoubt, ...version },
        followUp,
      };
    }
    case 'delete':
      return afterDeletion(outcome, known);
    case 'verifyCreate':
      return { change: keep, followUp: 'nextPass' };
    case 'members':
      return { change: { ...acknowledgedMembers(operation, outcome), ...version }, followUp: 'none' };
    default:
      return assertNever(operation);
  }
}

/** The members that a group has and has not after an answer. Dangling members were removed with the others. */
function acknowledgedMembers(
  { add, remove }: Extract<Operation, { action: 'members' }>,
  { rejectedMembers = [], danglingMembers = [], membersInDoubt }: Extract<Outcome, { kind: 'done' }>,
): Extract<SnapshotChange, { kind: 'members' }> {
  const accepted = (members: readonly Member[]): readonly Member[] =>
    members.filter(
      (member) => !rejectedMembers.some((out) => out.resourceType === member.resourceType && out.key === member.key),
    );
  return {
    kind: 'members',
    added: accepted(add),
    removed: [...accepted(remove), ...danglingMembers],
    ...(membersInDoubt === undefined ? {} : { inDoubt: membersInDoubt }),
  };
}

/** A resource that the target refused to delete stays known, without its access. The deletion is tried again later. */
function afterDeletion(
  { insteadOfDeletion, rejectedMembers = [], movedTo }: Extract<Outcome, { kind: 'done' }>,
  known: KnownState | undefined,
): Settlement {
  switch (insteadOfDeletion?.kind) {
    case undefined:
      return { change: { kind: 'forget' }, followUp: 'none' };
    case 'deactivated': {
      const id = movedTo === undefined ? {} : { remoteId: movedTo };
      const body = { ...known?.body, active: false };
      // The deletion would have ended the memberships; now they are compared once more.
      return { change: { kind: 'remember', ...id, body, active: false, deletionRefused: true }, followUp: 'thisPass' };
    }
    case 'emptied': {
      const { removed } = insteadOfDeletion;
      return rejectedMembers.length > 0
        ? { change: { kind: 'members', added: [], removed }, followUp: 'nextPass' }
        : { change: { kind: 'members', added: [], removed, deletionRefused: true }, followUp: 'nextPass' };
    }
  }
}

/** A refused attribute is not tried twice in one pass. */
const followUpFor = (unresolved: readonly string[], refused: readonly string[]): FollowUp =>
  unresolved.length > 0 ? 'thisPass' : refused.length > 0 ? 'nextPass' : 'none';

function withoutPaths(body: FlatResource, paths: readonly string[]): FlatResource {
  return paths.length === 0 ? body : Object.fromEntries(Object.entries(body).filter(([path]) => !paths.includes(path)));
}

const isActive = (body: FlatResource): boolean => body['active'] !== false;
