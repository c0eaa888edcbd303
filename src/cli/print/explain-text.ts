import type { Explanation } from '../../desired/explain.ts';
import { describeMoment } from '../../model/dates/zone.ts';
import type { Instant } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { RecordDoubt, SourceRecord } from '../../model/record.ts';
import type { KnownState } from '../../model/resource.ts';
import { formatTime } from '../../model/time.ts';
import { describeLeaverReason } from '../../plan/leavers.ts';
import { describeDoubt } from '../../plan/describe-doubt.ts';
import type { Operation } from '../../model/operation.ts';
import { describeOperation, type NameOf } from '../../plan/describe.ts';
import type { Note, StoredOperation, StoredRejection } from '../../store/store.ts';
import type { Evaluation } from '../../sync/evaluate-record.ts';
import type { ExcludedMembers } from '../excluded-members.ts';
import { grouped, plural } from './format.ts';
import { decidingGroupsText, userGroupsText, type MembershipPaths } from './explain/user-groups-text.ts';

/** The record in the source, with its groups. */
export function recordText(
  resourceType: ResourceType,
  key: string,
  record: SourceRecord | undefined,
  groups: readonly string[],
  zone: string,
): readonly string[] {
  const head = `${resourceType === 'User' ? 'Person' : 'Group'} ${key}`;
  if (record === undefined) return [head, '  source: no longer in the source'];
  return [
    head,
    `  source: ${record.active ? 'active' : 'inactive'}`,
    ...validityText(record, zone),
    ...(record.doubt === undefined ? [] : [doubtText(record.doubt)]),
    ...Object.entries(record.attributes).map(([name, values]) => `    ${name}: ${values.join(' | ')}`),
    ...(groups.length === 0 ? [] : [`    member of: ${groups.join(', ')}`]),
  ];
}

/** The period of access. Its end is the first moment without access. */
function validityText({ validFrom, validTo }: SourceRecord, zone: string): readonly string[] {
  return [
    ...(validFrom === undefined ? [] : [`    access from ${describeMoment(validFrom, zone)}`]),
    ...(validTo === undefined ? [] : [`    access until ${describeMoment(validTo, zone)}`]),
  ];
}

/** When a date of the record has an effect at the target; undefined: at no later moment. */
export const boundaryText = (at: Instant | undefined, zone: string): readonly string[] =>
  at === undefined ? [] : [`    next change by date: ${describeMoment(at, zone)}`];

function doubtText(doubt: RecordDoubt): string {
  const effect = doubt.isAbsent ? 'not removed, and gets no new access,' : 'stays as it was, and gets no new access,';
  return `    ${effect} until that row is corrected: ${describeDoubt(doubt)}`;
}

/** The rejected rows that concern the record, with the reasons. */
export function rejectedRowsText(
  rows: readonly StoredRejection[],
  {
    resourceType,
    key,
    record,
  }: { readonly resourceType: string; readonly key: string; readonly record: SourceRecord | undefined },
): readonly string[] {
  const part = resourceType === 'User' ? 'users' : 'groups';
  return rows
    .filter((row) => row.part === part && (row.key === key || row.line === record?.doubt?.line))
    .map((row) => `    ${rejectedText(row)}`);
}

/** A record that the mirror lacks, because its row is rejected. */
export function rejectedRecordText(row: StoredRejection): readonly string[] {
  const { part, key = '' } = row;
  const noun = part === 'users' ? 'Person' : part === 'groups' ? 'Group' : 'Membership of group';
  return [`${noun} ${key}`, '  source: not accepted, so nothing is sent for it', `    ${rejectedText(row)}`];
}

const rejectedText = ({ line, since, reason }: StoredRejection): string =>
  `line ${line} is rejected since ${formatTime(since)}: ${reason}`;

/** Members that the group's entry lists and the mirror cannot resolve; the group at a target lacks them. */
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
    `    lists ${plural(total, 'member')} that the source does not contain: ${listText(names, total)}`,
    `      ${total === 1 ? 'it is' : 'they are'} outside the bases or filters of the source, ` +
      `not visible to the account that reads, or ${total === 1 ? 'does' : 'do'} not exist`,
  ];
}

/** Members in the source that the target does not receive. */
export function excludedMembersText({ total, first }: ExcludedMembers): readonly string[] {
  if (total === 0) return [];
  return [
    `    excludes ${plural(total, 'member')}: ${listText(
      first.map(({ name, reason }) => `${name} ${reason}`),
      total,
    )}`,
  ];
}

function listText(shown: readonly string[], total: number): string {
  return [...shown, ...(total > shown.length ? [`and ${grouped(total - shown.length)} more`] : [])].join('; ');
}

/** Scope and mapped attributes, each with its expression. */
export function mappingText(
  { scope, groups, paths, notes }: Explanation,
  membershipPaths: MembershipPaths,
  uniqueReasons: ReadonlyMap<string, readonly string[]> = new Map(),
): readonly string[] {
  const scopeDecision = decidingGroupsText(scope.decidedBy);
  return [
    ...userGroupsText(groups, membershipPaths),
    `    scope: ${scope.inScope ? 'in' : 'out'}: ${scope.reason}`,
    ...(scopeDecision === undefined ? [] : [`      ${scopeDecision}`]),
    ...paths.flatMap(({ path, source, origin, value, absenceReason, decidedBy }) => {
      const valueText = value === undefined ? `nothing (${absenceReason ?? 'absent'})` : JSON.stringify(value);
      const decision = decidingGroupsText(decidedBy);
      const reason = decision === undefined ? '' : ` ${decision}`;
      return [`    ${path} = ${valueText}   [${origin}: ${source}]${reason}`, ...(uniqueReasons.get(path) ?? [])];
    }),
    ...notes.map((note) => `    note: ${note}`),
  ];
}

/** The snapshot: what the target acknowledged last. */
export function acknowledgedText(known: KnownState | undefined): readonly string[] {
  if (known === undefined) return ['    acknowledged: nothing; scimsync has no account there'];
  const since = known.inactiveSince === undefined ? 'unknown' : formatTime(known.inactiveSince);
  return [
    `    acknowledged: id ${known.remoteId}, ${known.origin}, ${known.active ? 'active' : `inactive since ${since}`}`,
    ...Object.entries(known.body).map(([path, value]) => `      ${path}: ${JSON.stringify(value)}`),
    ...(known.inDoubt === undefined
      ? []
      : [`      in doubt, because a change had no response: ${known.inDoubt.join(', ')}`]),
    ...(known.missingSince === undefined
      ? []
      : [`      missing at the target since ${formatTime(known.missingSince)}: neither a read nor a look-up finds it`]),
    ...(known.deletionRefusedAt === undefined
      ? []
      : [`      the target refused to delete it, last at ${formatTime(known.deletionRefusedAt)}; it is tried again`]),
  ];
}

/** The planned operations of the record and its memberships. */
export function plannedText(
  operations: readonly StoredOperation[],
  notes: readonly Note[],
  decision: Evaluation,
  holdReasons: readonly string[],
  nameOf: (operation: Operation) => NameOf,
): readonly string[] {
  const isHeld = operations.some(({ state }) => state === 'held');
  return [
    ...notes.map(({ text }) => `    note: ${text}`),
    ...(operations.length === 0
      ? [`    would be sent: ${decisionText(decision, nameOf)}`]
      : operations.map(({ operation, state }) => {
          const held = state === 'held' ? ' [held]' : '';
          const sentence = describeOperation(operation, nameOf(operation));
          return `    would be sent: ${sentence}, because: ${operation.reason}${held}`;
        })),
    ...(isHeld ? holdReasons.map((reason) => `    held: ${reason}`) : []),
  ];
}

/** What would be sent for one record, or why nothing. */
export function decisionText(
  { desired, operation, presence }: Evaluation,
  nameOf: (operation: Operation) => NameOf,
): string {
  if (presence === 'protected')
    return operation === undefined
      ? 'nothing; the account is protected'
      : `nothing; the account is protected, otherwise: ${describeOperation(operation, nameOf(operation))}`;
  if (operation !== undefined)
    return `${describeOperation(operation, nameOf(operation))}, because it ${operation.reason}`;
  if (desired.kind === 'rejected') return `nothing; the record cannot be sent: ${desired.reason}`;
  if (desired.kind === 'absent')
    return `nothing; it ${describeLeaverReason(desired.reason)}, and there is no access to remove`;
  return 'nothing; the target acknowledged all of it';
}
