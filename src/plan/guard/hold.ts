import type { SourceKey } from '../../model/ids.ts';
import type { ChangedMember, MembershipCause, Operation } from '../../model/operation.ts';
import type { ChangeKind, Violation } from '../../model/plan.ts';
import { phases, removalPhases } from '../phases.ts';

/** What a hold of these violations keeps back. */
export interface HeldChanges {
  readonly kinds: ReadonlySet<ChangeKind>;
  /** Attribute paths that more accounts would change than allowed. */
  readonly attributes: ReadonlySet<string>;
  /** Users whose deletion is held: it is due by time only, and the clock is in doubt. */
  readonly deletions: ReadonlySet<SourceKey>;
}

/** Memberships of one operation that share a reason. `ended`, `added`: they change by themselves. */
export type MembershipClass = 'ended' | 'added' | MembershipCause;

/** The share of one operation that a hold keeps back: all, nothing, or the members of these classes. */
export type HeldShare = 'nothing' | 'all' | { readonly classes: readonly MembershipClass[] };

/** A planned operation, as far as a hold depends on it. */
export interface HoldInput {
  readonly operation: Operation;
  readonly phase: number;
  /** The operation changes the userName or an e-mail address of a user, or the name of a group. */
  readonly isRenaming: boolean;
}

/**
 * Summarises violations for `heldShare`.
 * @param dueByTime the users whose deletion a clock in doubt holds
 */
export function heldChanges(
  violations: readonly (Pick<Violation, 'kind' | 'subject'> & Partial<Pick<Violation, 'code'>>)[],
  dueByTime: ReadonlySet<SourceKey> = new Set(),
): HeldChanges {
  return {
    kinds: new Set(violations.filter(({ code }) => code !== 'guard.clockJump').map(({ kind }) => kind)),
    deletions: violations.some(({ code }) => code === 'guard.clockJump') ? dueByTime : new Set(),
    attributes: new Set(violations.flatMap(({ subject }) => (subject === undefined ? [] : [subject]))),
  };
}

/**
 * The share of one planned operation that a hold keeps back. Everything else goes on.
 *
 *     kind                 operations                                          memberships
 *     usersRemoved         deactivations and deletions of users, and the       of leavers
 *                          names that they release
 *     groupsRemoved        deletions of groups                                 of emptied and replaced groups
 *     membershipsRemoved   deletions of groups                                 that end by themselves, and of
 *                                                                              emptied groups
 *     usersMissing         creates of users that are missing at the target     of these users
 *     groupsMissing        creates of groups that are missing at the target
 *     usersCreated         other creates of users                              of these users
 *     usersReactivated     reactivations, except starts of access              of these users
 *     usersRenamed         updates of a userName or an e-mail address, also    that are added to these users
 *                          by a reactivation, and the temporary names that
 *                          they need
 *     attributeChanged     updates of this attribute
 *     membershipsAdded                                                         that are added by themselves
 *     newGroupMemberships                                                      of groups that the plan creates, and of
 *                                                                              the groups that they replace
 *     groupsRenamed        updates of a displayName, and temporary names
 */
export function heldShare({ operation, phase, isRenaming }: HoldInput, held: HeldChanges): HeldShare {
  const { kinds, attributes, deletions } = held;
  const isUser = operation.resourceType === 'User';
  if (operation.action === 'members') return heldMembers([...operation.remove], [...operation.add], held);
  if (isUser && removalPhases.includes(phase) && deletions.has(operation.key)) return 'all';
  const decisive: readonly ChangeKind[] = (() => {
    if (removalPhases.includes(phase)) return isUser ? ['usersRemoved'] : ['groupsRemoved', 'membershipsRemoved'];
    const renames: readonly ChangeKind[] =
      phase === phases.breakRenameCycles || isRenaming ? [isUser ? 'usersRenamed' : 'groupsRenamed'] : [];
    if (operation.action === 'create') {
      if (operation.isRecreation === true) return [isUser ? 'usersMissing' : 'groupsMissing'];
      return isUser ? ['usersCreated'] : [];
    }
    return operation.action === 'reactivate' && operation.isStart !== true ? ['usersReactivated', ...renames] : renames;
  })();
  if (decisive.some((kind) => kinds.has(kind))) return 'all';
  const changesHeldAttribute =
    isUser && operation.action === 'update' && operation.edits.some(({ path }) => attributes.has(path));
  return changesHeldAttribute ? 'all' : 'nothing';
}

const classesOf: Readonly<Partial<Record<ChangeKind, readonly MembershipClass[]>>> = {
  usersRemoved: ['leaver'],
  groupsRemoved: ['emptied', 'replaced'],
  membershipsRemoved: ['ended', 'emptied'],
  usersMissing: ['recreated'],
  usersCreated: ['joiner'],
  usersReactivated: ['returning'],
  usersRenamed: ['renamed'],
  membershipsAdded: ['added'],
  newGroupMemberships: ['newGroup', 'replaced'],
};

function heldMembers(
  remove: readonly ChangedMember[],
  add: readonly ChangedMember[],
  { kinds, deletions }: HeldChanges,
): HeldShare {
  const held = new Set([...kinds].flatMap((kind) => classesOf[kind] ?? []));
  if (remove.some(({ cause, key }) => cause === 'leaver' && deletions.has(key))) held.add('leaver');
  const present = new Set<MembershipClass>([
    ...remove.map(({ cause }) => cause ?? 'ended'),
    ...add.map(({ cause }) => cause ?? 'added'),
  ]);
  const classes = [...present].filter((one) => held.has(one));
  if (classes.length === 0) return 'nothing';
  return classes.length === present.size ? 'all' : { classes };
}
