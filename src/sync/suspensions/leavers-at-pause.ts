import type { Instant, SourceKey } from '../../model/ids.ts';
import { addGroupsFor } from '../user-groups/add-groups.ts';
import { displayName } from '../../plan/diff.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';
import type { TargetSpec } from '../context.ts';
import { diffOptionsOf, evaluate } from '../evaluate-record.ts';
import { withFormerKeys } from '../reading/key-changes.ts';
import { dueTimes } from '../planning-scope.ts';

/** The users who lose their access at a paused target after `resume`. */
export interface WaitingLeavers {
  readonly total: number;
  readonly first: readonly { readonly key: SourceKey; readonly name: string }[];
}

/** This number of leavers is named. */
const maxNamed = 20;

/**
 * Evaluates the users who changed since a paused target was last planned, by the last reading. Frozen users are left
 * out: they keep their access after the pause, too.
 */
export async function leaversAtPause(view: ReadOnlyStore, spec: TargetSpec, now: Instant): Promise<WaitingLeavers> {
  const snapshot = view.snapshot(spec.name);
  const columns = (await view.mirror.last())?.columns;
  const first: { key: SourceKey; name: string }[] = [];
  let total = 0;
  if (snapshot === undefined || columns === undefined) return { total, first };
  const mapping = withFormerKeys(spec.compileMapping(columns), view.keyChanges);
  const options = diffOptionsOf(spec, mapping);
  const addGroups = addGroupsFor(mapping, () => view.mirror.openUserGroups());
  const frozen = new Set(view.freezes().flatMap(({ key, ended }) => (ended === undefined ? [key] : [])));
  const assigned = view.uniqueValues(spec.name);
  for (const key of view.pendingUsers(spec.name, (plannedAt) => dueTimes(spec, { plannedAt }, now))) {
    const owner = { resourceType: 'User', key } as const;
    const known = snapshot.known('User', key);
    if (known === undefined || frozen.has(key)) continue;
    const found = await view.mirror.record('User', key);
    const [record] = found === undefined ? [] : await addGroups([found]);
    const candidate = { ...owner, record, known, isCreateInDoubt: false, isRequeued: false };
    const evaluation = evaluate({ ...candidate, assigned: assigned?.of(owner) }, mapping, options, now);
    const action = evaluation.presence === 'protected' ? undefined : evaluation.operation?.action;
    if (action !== 'deactivate' && action !== 'delete') continue;
    total += 1;
    if (first.length < maxNamed) first.push({ key, name: displayName('User', known.body) });
  }
  return { total, first };
}
