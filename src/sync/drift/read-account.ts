import type { RemoteResource, SnapshotChange } from '../../model/outcome.ts';
import type { Json, KnownState } from '../../model/resource.ts';
import type { Drift } from '../../model/target/drift.ts';
import type { Absence } from '../../scim/target.ts';
import { doubtAboutAbsence } from '../execution/control-accounts.ts';
import { listIntoCache } from '../execution/listings.ts';
import { withManagerKey } from '../execution/ownership.ts';
import { absenceInList } from '../execution/prove-by-list.ts';
import { changeAfterReading } from '../execution/read-back.ts';
import { compareAccount } from './compare-account.ts';
import { addUnproven, type DriftCheck } from './drift-check.ts';
import { readMembers } from './read-members.ts';
import { recordDrift, type FoundDrift } from './record-drift.ts';

/**
 * Reads one account or group by its id, and stores how it differs from what the target acknowledged. An account that is
 * not found is gone only if a look-up, or a complete list, does not contain it either.
 */
export async function readAccount(check: DriftCheck, known: KnownState): Promise<void> {
  const { target, mapping, stop, findings, store } = check;
  const { resourceType, key } = known;
  const absence = await provenAbsence(check, known, await target.readKnown(known, mapping.paths(resourceType), stop));
  switch (absence.kind) {
    case 'unproven':
      if (!isHiddenLeaver(check, known)) addUnproven(check, absence.detail);
      return;
    case 'missing':
      return recordAbsence(check, known, absence, null);
    case 'moved':
      return recordAbsence(check, known, absence, absence.resource.remoteId);
    case 'present': {
      findings.compared += 1;
      const shown = withOwner(check, absence.resource);
      noteShown(check, shown);
      const { differences, hiddenPaths } = compareAccount(known, shown, check.rules, findings.shownPaths);
      if (hiddenPaths.length > 0) findings.hidden.push({ resourceType, key, paths: hiddenPaths });
      const members = resourceType === 'Group' ? await readMembers(check, known, shown) : [];
      const found = differences.map(({ path, ...values }): FoundDrift => ({
        kind: path === 'active' && values.shown === true ? 'reactivated' : 'changed',
        path,
        ...values,
      }));
      await recordDrift(
        check,
        known,
        [...found, ...members],
        (repaired) => changesForRepair(known, shown, repaired),
        shown,
      );
      await store.drift.markSeen([{ resourceType, key }]);
    }
  }
}

/** The paths that a resource shows are shown by the target. */
export function noteShown({ findings }: Pick<DriftCheck, 'findings'>, { body }: RemoteResource): void {
  for (const path of Object.keys(body)) findings.shownPaths.add(path);
}

/** A manager as the key of the record that owns the account. */
export const withOwner = ({ store }: Pick<DriftCheck, 'store'>, resource: RemoteResource): RemoteResource =>
  withManagerKey(resource, resource.manager === undefined ? undefined : store.owner('User', resource.manager));

/** Such a target answers 404 for an inactive account, or shows other values of it. */
const isHiddenLeaver = ({ spec }: DriftCheck, { resourceType, active }: KnownState): boolean =>
  resourceType === 'User' && !active && spec.profile.protocol.inactiveUsers !== 'readable';

/** Where the target lets nothing be looked up, a complete list decides whether the account is missing. */
async function provenAbsence(check: DriftCheck, known: KnownState, absence: Absence): Promise<Absence> {
  const { target, store, spec, mapping, stop, findings } = check;
  if (absence.kind === 'missing' || absence.kind === 'moved') return withoutDoubt(check, absence);
  if (absence.kind !== 'unproven' || absence.isProvableByList !== true || isHiddenLeaver(check, known)) return absence;
  const forAbsence = async (resourceType: KnownState['resourceType']) =>
    resourceType === 'User'
      ? (findings.listing ?? { found: 0, complete: false, detail: 'the check did not list the users' })
      : listIntoCache({ target, store, emit: () => undefined }, spec.name, resourceType, mapping, stop);
  const listed = await absenceInList({ listings: { forAbsence }, store }, spec, known, stop);
  if (listed.kind === 'absent') return withoutDoubt(check, { kind: 'missing' });
  return { kind: 'unproven', detail: listed.kind === 'unproven' ? listed.detail : absence.detail };
}

/** Where other accounts are not found either, the absence proves nothing: another tenant may answer. */
async function withoutDoubt(check: DriftCheck, absence: Absence): Promise<Absence> {
  const { serving, target, mapping, stop, findings } = check;
  findings.absenceDoubt ??= doubtAboutAbsence({ serving, target }, { mapping, pass: 0 }, stop);
  const doubt = await findings.absenceDoubt;
  return doubt === undefined ? absence : { kind: 'unproven', detail: doubt };
}

async function recordAbsence(check: DriftCheck, known: KnownState, absence: Absence, shown: Json): Promise<void> {
  const { store, spec, findings } = check;
  findings.compared += 1;
  const found = { kind: 'deleted', path: '', acknowledged: known.remoteId, shown } as const;
  await recordDrift(check, known, [found], () => {
    const change = changeAfterReading(absence, known, store, spec.adopt);
    return change === undefined ? [] : [change];
  });
}

/** The snapshot takes over the values to repair, and keeps the others as they were acknowledged. */
function changesForRepair(
  known: KnownState,
  shown: RemoteResource,
  repaired: readonly Drift[],
): readonly SnapshotChange[] {
  const attributes = repaired.filter(({ kind }) => kind === 'changed' || kind === 'reactivated');
  const added = repaired.flatMap(({ kind, member }) => (kind === 'memberAdded' ? (member?.owner ?? []) : []));
  const removed = repaired.flatMap(({ kind, member }) => (kind === 'memberRemoved' ? (member?.owner ?? []) : []));
  const changes: SnapshotChange[] = [];
  if (attributes.length > 0) {
    const body: Record<string, Json> = { ...known.body };
    for (const { path, shown: value } of attributes) {
      if (path === 'active' && known.body['active'] === undefined) continue;
      if (value === null) delete body[path];
      else body[path] = value;
    }
    const isActive = attributes.some(({ path }) => path === 'active') ? shown.active : known.active;
    const { version } = shown;
    changes.push({
      ...{ kind: 'remember', remoteId: known.remoteId, body, active: isActive },
      ...(version === undefined ? {} : { version }),
    });
  }
  if (added.length + removed.length > 0) changes.push({ kind: 'members', added, removed });
  return changes;
}
