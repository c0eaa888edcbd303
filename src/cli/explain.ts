import { OperatorError } from '../model/errors.ts';
import { sourceKey, type SourceKey } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { TargetMapping } from '../desired/target-mapping.ts';
import type { SourceRecord } from '../model/record.ts';
import type { KnownState } from '../model/resource.ts';
import { formatTime } from '../model/time.ts';
import type { Columns } from '../source/source.ts';
import type { KeyChangeStore, Mirror, Note, StoredOperation } from '../store/store.ts';
import type { TargetSpec } from '../sync/context.ts';
import { evaluate, heldValues, diffOptionsOf } from '../sync/evaluate-record.ts';
import { withFormerKeys } from '../sync/reading/key-changes.ts';
import { addGroupsFor } from '../sync/user-groups/add-groups.ts';
import { excludedMembers } from './excluded-members.ts';
import {
  decisionText,
  acknowledgedText,
  excludedMembersText,
  plannedText,
  recordText,
  rejectedRecordText,
  rejectedRowsText,
  mappingText,
  unresolvedMembersText,
} from './print/explain-text.ts';
import type { MembershipPaths } from './print/user-groups-text.ts';
import { keyChangeText } from './print/key-changes.ts';
import { realClock } from './clock.ts';

/** Input of `explain`: the mirror, the snapshots, and a plan if one was possible. */
export interface ExplainData {
  readonly mirror: Mirror;
  readonly keyChanges: KeyChangeStore;
  readonly known: (target: string, resourceType: ResourceType, key: SourceKey) => KnownState | undefined;
  readonly knownByName: (
    target: string,
    resourceType: ResourceType,
    foldedName: string,
  ) => Promise<readonly KnownState[]>;
  readonly planned:
    | ((
        target: string,
        resourceType: ResourceType,
        key: SourceKey,
      ) => Promise<{ readonly operations: readonly StoredOperation[]; readonly notes: readonly Note[] }>)
    | undefined;
  /** Why the guard holds operations at a target. */
  readonly holdReasons: (target: string) => readonly string[];
}

/** How many unresolved members of a group are listed. */
const maxUnresolvedShown = 5;

/** Rejected rows among which those of the subject are searched. */
const maxRejectedRows = 1_000;

interface Subject {
  readonly resourceType: ResourceType;
  readonly key: SourceKey;
  readonly record: SourceRecord | undefined;
}

/** Prints the explanation of each match. @throws OperatorError if no user or group matches */
export async function explainAll(
  data: ExplainData,
  specs: readonly TargetSpec[],
  columns: Columns,
  query: string,
  out: (line: string) => void,
): Promise<void> {
  // The mirror knows a user under the old key until an operator decides, and under the new key afterwards.
  const { keyChanges } = data;
  const key = keyChanges.pendingOf(query)?.from ?? keyChanges.currentKey(query);
  const matches = await findSubjects(data, specs, key);
  const { rejected } = await data.mirror.rejectionReport(maxRejectedRows);
  const rejectedOnly = matches.length === 0 ? rejected.rows.filter((row) => row.key === query) : [];
  for (const row of rejectedOnly) rejectedRecordText(row).forEach(out);
  if (matches.length === 0 && rejectedOnly.length === 0) {
    const reading = await data.mirror.last();
    const readAt = reading === undefined ? 'never' : formatTime(reading.at);
    throw new OperatorError(
      'commandLine.unknownSubject',
      `no user or group with the key, name or attribute value "${query}" ` +
        `in the source (last read: ${readAt}) or at a target`,
      4,
    );
  }
  for (const subject of matches) {
    recordText(subject.resourceType, subject.key, subject.record, await data.mirror.groupsOf(subject.key)).forEach(out);
    rejectedRowsText(rejected.rows, subject).forEach(out);
    const keyChange = keyChanges.pendingOf(subject.key, subject.resourceType);
    if (keyChange !== undefined) out(`  ${keyChangeText(keyChange)}; "scimsync relink" decides`);
    if (subject.resourceType === 'Group')
      unresolvedMembersText(await data.mirror.unresolvedMembers(subject.key, maxUnresolvedShown)).forEach(out);
    for (const spec of specs) (await targetText(data, spec, columns, subject)).forEach(out);
  }
}

/**
 * Finds users and groups in this order: by key in the source, by key at a target (a leaver), by any attribute value in
 * the source (a manager has others' keys as a value), by a name that only a target still has.
 */
async function findSubjects(
  data: ExplainData,
  specs: readonly TargetSpec[],
  query: string,
): Promise<readonly Subject[]> {
  const records = await data.mirror.search(query);
  const inSource = records.map((record) => ({ resourceType: record.resourceType, key: record.key, record }));
  if (inSource.some(({ key }) => key === query)) return inSource;
  const byKey = await subjectsAtTargets(data, specs, async (target, resourceType) => [
    data.known(target, resourceType, sourceKey(query)),
  ]);
  if (byKey.length > 0) return byKey;
  if (inSource.length > 0) return inSource;
  return subjectsAtTargets(data, specs, (target, resourceType) =>
    data.knownByName(target, resourceType, query.toLowerCase()),
  );
}

async function subjectsAtTargets(
  { mirror }: ExplainData,
  specs: readonly TargetSpec[],
  find: (target: string, resourceType: ResourceType) => Promise<readonly (KnownState | undefined)[]>,
): Promise<readonly Subject[]> {
  const subjects = new Map<string, Subject>();
  for (const { name } of specs)
    for (const resourceType of ['User', 'Group'] as const)
      for (const known of await find(name, resourceType))
        if (known !== undefined)
          subjects.set(`${resourceType}:${known.key}`, {
            resourceType,
            key: known.key,
            record: await mirror.record(resourceType, known.key),
          });
  return [...subjects.values()];
}

async function targetText(
  data: ExplainData,
  spec: TargetSpec,
  columns: Columns,
  { resourceType, key, record: found }: Subject,
): Promise<readonly string[]> {
  const mapping = withFormerKeys(spec.compileMapping(columns), data.keyChanges);
  const [record] = found === undefined ? [] : await addGroupsFor(mapping, () => data.mirror.openUserGroups())([found]);
  const known = data.known(spec.name, resourceType, key);
  const members =
    resourceType === 'Group' && record !== undefined
      ? excludedMembersText(await excludedMembers(data.mirror, mapping, key))
      : [];
  const lines = [
    `  at ${spec.name}`,
    ...(record === undefined
      ? []
      : mappingText(mapping.explain(record, heldValues(known, undefined)), await pathsTo(data, mapping, record))),
    ...members,
    ...acknowledgedText(known),
  ];
  const decision = evaluate(
    { resourceType, key, record, known, isCreateInDoubt: false, isRequeued: false },
    mapping,
    diffOptionsOf(spec, mapping),
    realClock.now(),
  );
  if (data.planned === undefined) return [...lines, `    would be sent: ${decisionText(decision)}`];
  const { operations, notes } = await data.planned(spec.name, resourceType, key);
  return [...lines, ...plannedText(operations, notes, decision, data.holdReasons(spec.name))];
}

/** How a user comes into groups, where the rules of the target depend on them. */
const pathsTo = async (
  { mirror }: ExplainData,
  { groupRules }: TargetMapping,
  { resourceType, key }: SourceRecord,
): Promise<MembershipPaths> =>
  groupRules === undefined || resourceType === 'Group' ? new Map() : mirror.membershipPaths(key);
