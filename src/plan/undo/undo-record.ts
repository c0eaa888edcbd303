import { isDeepStrictEqual } from 'node:util';
import type { Edit, EditOperation, ResourceOperation } from '../../model/operation.ts';
import type { FlatResource, Json, KnownState } from '../../model/resource.ts';
import { applyEdits } from '../apply-edits.ts';
import { displayName, type DiffOptions } from '../diff.ts';
import { mayBeActive } from '../leavers.ts';
import type { NetEffect } from './net-effect.ts';

/** What the target showed of an account when it was read back for the undo. */
export type Shown =
  /**
   * Paths whose values are not those that the target acknowledged last, and all that it showed of the paths in doubt;
   * empty: it holds what it acknowledged.
   */
  | { readonly kind: 'read'; readonly others: ReadonlyMap<string, Json> }
  /** Why it is not known what the account holds. */
  | { readonly kind: 'unread'; readonly detail: string };

/** One user or group that a pass changed at a target. */
export interface UndoInput extends Pick<KnownState, 'resourceType' | 'key'> {
  /** The pass that is undone. */
  readonly pass: number;
  readonly effect: NetEffect;
  /** The pass took over an account that existed. */
  readonly isAdopted: boolean;
  /** What the target acknowledged last; undefined: it has no account, or an account that is missing. */
  readonly known: KnownState | undefined;
  readonly shown: Shown;
}

/** What an undo does with a user or group. */
export interface UndoDecision {
  readonly operation: ResourceOperation | undefined;
  /** What stays as it is, and why. `problem`: it was asked for, and cannot be done. */
  readonly remarks: readonly { readonly text: string; readonly problem: boolean }[];
}

/** The settings of a target that decide how a change is taken back. */
export type UndoOptions = Pick<DiffOptions, 'leaverPolicy' | 'writesInactiveUsers' | 'supports'>;

/**
 * Takes back what a pass did with one user or group. A value that is not the one that the pass wrote stays.
 *
 *     created        deactivate; delete, if leavers.action (for groups: leavers.groups) is "delete". Other groups stay
 *     deleted        create with the values before
 *     deactivated    reactivate
 *     reactivated    deactivate
 *     changed        update to the values before
 */
export function undoRecord(input: UndoInput, options: UndoOptions): UndoDecision {
  const decision = undoEffect(input, options);
  if (!input.isAdopted) return decision;
  const text = `was adopted by pass ${input.pass}, and stays managed`;
  return { ...decision, remarks: [...decision.remarks, { text, problem: false }] };
}

function undoEffect(input: UndoInput, options: UndoOptions): UndoDecision {
  const { effect, known, pass, shown } = input;
  switch (effect.kind) {
    case 'replaced':
      return impossible(`was deleted and created again by pass ${pass}, which is not taken back`);
    case 'deleted':
      return undoDeletion(input, effect.body);
    default:
      if (effect.kind === 'changed' && effect.edits.length === 0) return nothing;
      if (known === undefined) return stays(`has no account any more, so nothing is taken back`);
      if (shown.kind === 'unread') return impossible(`stays as it is: ${shown.detail}`);
      return effect.kind === 'created'
        ? undoCreate(input, known, shown.others, options)
        : undoEdits(input, { known, edits: effect.edits, others: shown.others }, options);
  }
}

const nothing: UndoDecision = { operation: undefined, remarks: [] };

const stays = (text: string): UndoDecision => ({ operation: undefined, remarks: [{ text, problem: false }] });

const impossible = (text: string): UndoDecision => ({ operation: undefined, remarks: [{ text, problem: true }] });

function undoDeletion(input: UndoInput, body: FlatResource | undefined): UndoDecision {
  const { resourceType, key, known, pass } = input;
  if (known !== undefined) {
    // The target refused the deletion: the user was deactivated instead, or the group lost its members.
    if (resourceType === 'Group') return nothing;
    return known.active
      ? stays('has an account again')
      : { operation: edited('reactivate', known, [activeEdit(true)], reasonOf(pass)), remarks: [] };
  }
  if (body === undefined) return impossible(`cannot be created again: the values before pass ${pass} were not kept`);
  const reason = `${reasonOf(pass)}: it was deleted`;
  const lost = resourceType === 'Group' ? 'what the application tied to the old group' : 'what the old account owned';
  return {
    operation: { action: 'create', resourceType, key, name: displayName(resourceType, body), reason, body },
    remarks: [{ text: `gets a new id; ${lost} does not come back`, problem: false }],
  };
}

function undoCreate(
  { resourceType, pass }: UndoInput,
  known: KnownState,
  others: ReadonlyMap<string, Json>,
  { leaverPolicy, supports }: UndoOptions,
): UndoDecision {
  const { key, body } = known;
  const name = displayName(resourceType, body);
  const reason = `was created by pass ${pass}, which is undone`;
  const deletion = { action: 'delete', resourceType, key, name, reason } as const;
  if (resourceType === 'Group')
    return leaverPolicy.groups === 'delete' && !supports.groupsReadOnly
      ? { operation: deletion, remarks: [] }
      : stays(`stays, without the members that pass ${pass} added: leavers.groups does not delete groups`);
  if (leaverPolicy.action === 'delete') return { operation: deletion, remarks: [] };
  return isActive(known, others)
    ? { operation: edited('deactivate', known, [activeEdit(false)], reason), remarks: [] }
    : stays('is inactive already');
}

interface ChangedAccount {
  readonly known: KnownState;
  readonly edits: readonly Edit[];
  readonly others: ReadonlyMap<string, Json>;
}

function undoEdits({ pass }: UndoInput, account: ChangedAccount, options: UndoOptions): UndoDecision {
  const { known, edits, others } = account;
  const activity = known.resourceType === 'User' ? edits.find(({ path }) => path === 'active') : undefined;
  const active = isActive(known, others);
  if (activity !== undefined) {
    const [was, became] = [activity.from !== false, activity.to !== false];
    if (active !== became) return stays(`is ${active ? 'active' : 'inactive'} again, and stays so`);
    // Nothing else of an inactive account is compared.
    if (!was) {
      const reason = `was reactivated by pass ${pass}, which is undone`;
      return { operation: edited('deactivate', known, [activeEdit(false)], reason), remarks: [] };
    }
  } else if (known.resourceType === 'User' && !active && options.writesInactiveUsers !== true)
    return stays('is inactive now, and this application does not change inactive accounts');
  const { reversed, remarks } = reverse(pass, account);
  if (activity !== undefined)
    return { operation: edited('reactivate', known, [activeEdit(true), ...reversed], reasonOf(pass)), remarks };
  return {
    operation: reversed.length === 0 ? undefined : edited('update', known, reversed, reasonOf(pass)),
    remarks,
  };
}

/** The edits in reverse, as far as the account has the values that the pass wrote. */
function reverse(
  pass: number,
  { known, edits, others }: ChangedAccount,
): { readonly reversed: readonly Edit[]; readonly remarks: UndoDecision['remarks'] } {
  const reversed: Edit[] = [];
  const remarks: { text: string; problem: boolean }[] = [];
  for (const { path, from, to } of edits) {
    if (path === 'active') continue;
    const value = (others.has(path) ? others.get(path) : known.body[path]) ?? null;
    if (known.inDoubt?.includes(path) === true && !others.has(path))
      remarks.push({ text: `${path} stays as it is: a later change of it was not answered`, problem: true });
    else if (!isDeepStrictEqual(value, to))
      remarks.push({ text: `${staysText(path, value)}: ${writtenText(pass, to)}`, problem: false });
    else reversed.push({ path, from: to, to: from });
  }
  return { reversed, remarks };
}

const writtenText = (pass: number, value: Json): string =>
  `pass ${pass} ${value === null ? 'removed it' : `wrote ${JSON.stringify(value)}`}, and it was changed since`;

const staysText = (path: string, value: Json): string =>
  value === null ? `${path} stays empty` : `${path} stays ${JSON.stringify(value)}`;

/** What the target showed counts more than what it acknowledged. */
function isActive(known: KnownState, others: ReadonlyMap<string, Json>): boolean {
  const shown = others.get('active');
  return shown === undefined ? mayBeActive(known) : shown !== false;
}

const activeEdit = (active: boolean): Edit => ({ path: 'active', from: !active, to: active });

const edited = (
  action: EditOperation['action'],
  { resourceType, key, body }: KnownState,
  edits: readonly Edit[],
  reason: string,
): EditOperation => ({
  ...{ action, resourceType, key, name: displayName(resourceType, body), reason, edits },
  body: applyEdits(body, edits),
});

/** The reason of an operation, for the journal. */
export const reasonOf = (pass: number): string => `undo of pass ${pass}`;
