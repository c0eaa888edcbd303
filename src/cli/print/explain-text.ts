import type { Explanation } from '../../desired/explain.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { KnownState } from '../../model/resource.ts';
import { formatTime } from '../../model/time.ts';
import { describeLeaverReason } from '../../plan/leavers.ts';
import { describeOperation } from '../../plan/describe.ts';
import type { Note, StoredOperation } from '../../store/store.ts';
import type { Evaluation } from '../../sync/evaluate-record.ts';
import type { ExcludedMembers } from '../excluded-members.ts';
import { plural } from './format.ts';

export function recordText(
  resourceType: ResourceType,
  key: string,
  record: SourceRecord | undefined,
  groups: readonly string[],
): readonly string[] {
  const head = `${resourceType === 'User' ? 'Person' : 'Group'} ${key}`;
  if (record === undefined) return [head, '  source: not there any more'];
  return [
    head,
    `  source: ${record.active ? 'active' : 'inactive'}`,
    ...Object.entries(record.attributes).map(([name, values]) => `    ${name}: ${values.join(' | ')}`),
    ...(groups.length === 0 ? [] : [`    member of: ${groups.join(', ')}`]),
  ];
}

/** Members that a group names and nobody is found for, which is why the group has fewer members than its entry. */
export function unresolvedMembersText({
  total,
  handles,
}: {
  readonly total: number;
  readonly handles: readonly string[];
}): readonly string[] {
  if (total === 0) return [];
  const names = handles.map((handle) => handle.replace(/^[a-z]+:/, ''));
  return [
    `    names ${plural(total, 'member')} that the source does not give: ${listText(names, total)}`,
    `      ${total === 1 ? 'it stands' : 'they stand'} outside of the bases or filters of the source, or may not be seen by the account that reads, or ${total === 1 ? 'is' : 'are'} not there at all`,
  ];
}

/** Members in the source who are none at the target. */
export function excludedMembersText({ total, first }: ExcludedMembers): readonly string[] {
  if (total === 0) return [];
  return [
    `    leaves out ${plural(total, 'member')}: ${listText(
      first.map(({ name, reason }) => `${name} ${reason}`),
      total,
    )}`,
  ];
}

function listText(shown: readonly string[], total: number): string {
  return [...shown, ...(total > shown.length ? [`and ${(total - shown.length).toLocaleString('en')} more`] : [])].join(
    '; ',
  );
}

export function mappingText({ scope, paths, notes }: Explanation): readonly string[] {
  return [
    `    scope: ${scope.inScope ? 'in' : 'out'}: ${scope.reason}`,
    ...paths.map(
      ({ path, source, origin, value, absenceReason }) =>
        `    ${path} = ${value === undefined ? `nothing (${absenceReason ?? 'absent'})` : JSON.stringify(value)}   [${origin}: ${source}]`,
    ),
    ...notes.map((note) => `    note: ${note}`),
  ];
}

export function acknowledgedText(known: KnownState | undefined): readonly string[] {
  if (known === undefined) return ['    acknowledged: nothing; no account of ours is there'];
  const since = known.inactiveSince === undefined ? 'unknown' : formatTime(known.inactiveSince);
  return [
    `    acknowledged: id ${known.remoteId}, ${known.origin}, ${known.active ? 'active' : `inactive since ${since}`}`,
    ...Object.entries(known.body).map(([path, value]) => `      ${path}: ${JSON.stringify(value)}`),
    ...(known.inDoubt === undefined
      ? []
      : [`      in doubt, because a change was never answered: ${known.inDoubt.join(', ')}`]),
  ];
}

/** What a plan holds for the record, its memberships included. */
export function plannedText(
  operations: readonly StoredOperation[],
  notes: readonly Note[],
  decision: Evaluation,
): readonly string[] {
  return [
    ...notes.map(({ text }) => `    note: ${text}`),
    ...(operations.length === 0
      ? [`    would be sent: ${decisionText(decision)}`]
      : operations.map(
          ({ operation, state }) =>
            `    would be sent: ${describeOperation(operation)}, because: ${operation.reason}${state === 'held' ? ' [held]' : ''}`,
        )),
  ];
}

export function decisionText({ desired, operation, presence }: Evaluation): string {
  if (presence === 'protected')
    return operation === undefined
      ? 'nothing; the account is protected'
      : `nothing; the account is protected, otherwise: ${describeOperation(operation)}`;
  if (operation !== undefined) return `${describeOperation(operation)}, because it ${operation.reason}`;
  if (desired.kind === 'rejected') return `nothing; the record cannot be sent: ${desired.reason}`;
  if (desired.kind === 'absent')
    return `nothing; it ${describeLeaverReason(desired.reason)}, and there is nothing to take away`;
  return 'nothing; the target acknowledged all of it';
}
