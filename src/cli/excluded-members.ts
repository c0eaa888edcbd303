import type { TargetMapping } from '../desired/target-mapping.ts';
import type { SourceKey } from '../model/ids.ts';
import { uniqueNameAttribute } from '../model/resource-type.ts';
import type { SourceRecord } from '../model/record.ts';
import type { DesiredState } from '../model/resource.ts';
import { describeLeaverReason } from '../plan/leavers.ts';
import type { MirrorView } from '../store/store.ts';
import { addGroupsFor } from '../sync/user-groups/add-groups.ts';

/** Members of a group that a target does not receive. */
export interface ExcludedMembers {
  readonly total: number;
  /** The first few. */
  readonly first: readonly { readonly name: string; readonly reason: string }[];
}

const pageSize = 1000;
const maxShown = 5;

/** Finds the members that a group has in the source and not at a target, with the reason of each. */
export async function excludedMembers(
  mirror: MirrorView,
  mapping: TargetMapping,
  group: SourceKey,
): Promise<ExcludedMembers> {
  const first: ExcludedMembers['first'][number][] = [];
  let total = 0;
  const addGroups = addGroupsFor(mapping, () => mirror.openUserGroups());
  for (
    let page = await mirror.membersOf(group, '', pageSize);
    page.length > 0;
    page = await mirror.membersOf(group, page.at(-1) ?? '', pageSize)
  ) {
    for (const key of page) {
      const found = (await mirror.record('User', key)) ?? (await mirror.record('Group', key));
      const [record] = found === undefined ? [] : await addGroups([found]);
      const reason = exclusionReason(
        record === undefined ? { kind: 'absent', reason: 'left' } : mapping.desire(record),
      );
      if (reason === undefined) continue;
      total += 1;
      if (first.length < maxShown) first.push({ name: record === undefined ? key : labelOf(record, mapping), reason });
    }
  }
  return { total, first };
}

function exclusionReason(desired: DesiredState): string | undefined {
  switch (desired.kind) {
    case 'present':
      return undefined;
    case 'absent':
      return describeLeaverReason(desired.reason);
    case 'rejected':
      return `cannot be sent: ${desired.reason}`;
  }
}

/** The unique name and the key: an operator does not recognise a key alone. */
function labelOf(record: SourceRecord, mapping: TargetMapping): string {
  const name = mapping
    .explain(record)
    .paths.find(({ path }) => path === uniqueNameAttribute(record.resourceType))?.value;
  return typeof name === 'string' && name !== record.key ? `${name} (${record.key})` : record.key;
}
