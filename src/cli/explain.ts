import { OperatorError } from '../model/errors.ts';
import type { SourceKey } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { TargetMapping } from '../desired/target-mapping.ts';
import type { Operation } from '../model/operation.ts';
import type { SourceRecord } from '../model/record.ts';
import type { FlatResource } from '../model/resource.ts';
import type { NameOf } from '../plan/describe.ts';
import { nextPhaseChange } from '../plan/access-phase.ts';
import type { Columns } from '../source/source.ts';
import type {
  Freeze,
  KeyChangeView,
  MirrorView,
  Note,
  Pause,
  StoredOperation,
  StoredRejection,
  UniqueValues,
} from '../store/store.ts';
import type { TargetSpec } from '../sync/context.ts';
import { evaluate, heldValues, diffOptionsOf, timingOf } from '../sync/evaluate-record.ts';
import { withFormerKeys } from '../sync/reading/key-changes.ts';
import { findSubjects, searchedText, type Subject, type SubjectData } from '../sync/subjects/find-subjects.ts';
import { nameOfRecord } from '../sync/subjects/name-of-record.ts';
import { addGroupsFor } from '../sync/user-groups/add-groups.ts';
import { excludedMembers } from './excluded-members.ts';
import {
  boundaryText,
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
import { joinedRecordsText } from './source/joined-sources-text.ts';
import { freezeText, pauseText } from './print/suspensions-text.ts';
import { uniqueValueTexts } from './print/explain/unique-values-text.ts';
import type { MembershipPaths } from './print/explain/user-groups-text.ts';
import type { NamesOf } from './print/reference-names.ts';
import { keyChangeText } from './print/key-changes.ts';
import { realClock } from './clock.ts';
import { shellWord } from './output/shell-word.ts';

/** Input of `explain`: the mirror, the snapshots, and a plan if one was possible. */
export interface ExplainData extends SubjectData {
  readonly mirror: MirrorView;
  /** The time zone in which dates are shown: that of the source. */
  readonly zone: string;
  readonly keyChanges: KeyChangeView;
  readonly planned:
    | ((
        target: string,
        resourceType: ResourceType,
        key: SourceKey,
      ) => Promise<{ readonly operations: readonly StoredOperation[]; readonly notes: readonly Note[] }>)
    | undefined;
  /** The targets that an operator set aside. */
  readonly pauses: readonly Pause[];
  /** The unique values at a target; undefined: the state knows no such target. */
  readonly uniqueValues: (target: string) => Pick<UniqueValues, 'of' | 'holderOf'> | undefined;
  /** The users for whom nothing is changed. */
  readonly freezes: readonly Freeze[];
  /** The names of members and managers in planned operations. */
  readonly namesOf: NamesOf;
  /** Where a target no longer holds what it acknowledged of a record. */
  readonly driftTexts: (target: string, resourceType: ResourceType, key: SourceKey) => readonly string[];
  /** Why the guard holds operations at a target. */
  readonly holdReasons: (target: string) => readonly string[];
}

/** How many unresolved members of a group are listed. */
const maxUnresolvedShown = 5;

/** Rejected rows among which those of the subject are searched. */
export const maxRejectedRows = 1_000;

/** Prints the explanation of each match. @throws OperatorError if no user or group matches */
export async function explainAll(
  data: ExplainData,
  specs: readonly TargetSpec[],
  columns: Columns,
  query: string,
  out: (line: string) => void,
): Promise<void> {
  const names = specs.map(({ name }) => name);
  const matches = await findSubjects(data, names, query);
  const { rejected } = await data.mirror.rejectionReport(maxRejectedRows);
  const rejectedOnly = matches.length === 0 ? rejected.rows.filter((row) => row.key === query) : [];
  for (const row of rejectedOnly) rejectedRecordText(row).forEach(out);
  if (matches.length === 0 && rejectedOnly.length === 0) {
    const searched = await searchedText(data, names, query);
    throw new OperatorError('commandLine.unknownSubject', `no user or group is ${searched}`);
  }
  for (const subject of matches) {
    const { record, targets, command } = await explainSubject(data, specs, columns, subject, rejected.rows);
    record.forEach(out);
    for (const { target, lines } of targets) [`  at ${target}`, ...lines].forEach(out);
    out(`  to send this now: ${command}`);
  }
}

/** A user or group from end to end, as indented lines. */
export interface SubjectExplanation {
  /** The record in the source; the first line names it. */
  readonly record: readonly string[];
  /** What each target should hold, holds, and would be sent. */
  readonly targets: readonly { readonly target: string; readonly lines: readonly string[] }[];
  /** The command that sends this now. */
  readonly command: string;
}

/** @param rejections rejected rows, among which those of the subject are found */
export async function explainSubject(
  data: ExplainData,
  specs: readonly TargetSpec[],
  columns: Columns,
  subject: Subject,
  rejections: readonly StoredRejection[],
): Promise<SubjectExplanation> {
  const { resourceType, key, record } = subject;
  const freeze = freezeOf(data, subject);
  const keyChange = data.keyChanges.pendingOf(key, resourceType);
  const targets: { target: string; lines: readonly string[] }[] = [];
  for (const spec of specs) targets.push({ target: spec.name, lines: await targetText(data, spec, columns, subject) });
  return {
    record: [
      ...recordText(resourceType, key, record, await groupNames(data, key), zoneOf(data, record)),
      ...(freeze === undefined ? [] : [`  ${freezeText(freeze, data.zone)}`]),
      ...rejectedRowsText(rejections, subject),
      ...(resourceType === 'User' && record !== undefined ? joinedRecordsText(data.joinedSources, record.joined) : []),
      ...(keyChange === undefined ? [] : [`  ${keyChangeText(keyChange)}; "scimsync relink" decides`]),
      ...(resourceType === 'Group'
        ? unresolvedMembersText(await data.mirror.unresolvedMembers(key, maxUnresolvedShown))
        : []),
    ],
    targets,
    command: `scimsync sync --${resourceType === 'User' ? 'user' : 'group'} ${shellWord(key)}`,
  };
}

/** The groups of a user, by name and key. */
async function groupNames({ mirror }: ExplainData, key: SourceKey): Promise<readonly string[]> {
  const labels: string[] = [];
  for (const group of await mirror.groupsOf(key)) {
    const name = nameOfRecord(await mirror.record('Group', group)) ?? group;
    labels.push(name === group ? group : `${name} (${group})`);
  }
  return labels;
}

/** The time zone in which the dates of a user are shown: the user's own, or that of the source. */
const zoneOf = ({ zone }: ExplainData, record: SourceRecord | undefined): string => record?.zone ?? zone;

/** The freeze of a user; undefined: the user is not frozen, or a group. */
const freezeOf = ({ freezes }: ExplainData, { resourceType, key }: Pick<Subject, 'resourceType' | 'key'>) =>
  resourceType === 'User' ? freezes.find((one) => one.key === key) : undefined;

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
  const assigned = assignedValues(data, spec.name, mapping, { resourceType, key });
  const lines = [
    ...data.pauses.filter(({ target }) => target === spec.name).map((pause) => `    ${pauseText(pause)}`),
    ...(record === undefined
      ? []
      : mappingText(
          mapping.explain(record, heldValues(known, assigned)),
          await pathsTo(data, mapping, record),
          uniqueReasons(data, spec.name, mapping, record, assigned),
        )),
    ...members,
    ...acknowledgedText(known),
    ...data.driftTexts(spec.name, resourceType, key).map((text) => `    ${text}`),
  ];
  const now = realClock.now();
  const boundary =
    record === undefined || resourceType === 'Group' ? undefined : nextPhaseChange(record, timingOf(spec), now);
  lines.push(...boundaryText(boundary, zoneOf(data, record)));
  const decision = evaluate(
    { resourceType, key, record, known, assigned, isCreateInDoubt: false, isRequeued: false },
    mapping,
    diffOptionsOf(spec, mapping),
    now,
  );
  const { operations, notes } = (await data.planned?.(spec.name, resourceType, key)) ?? { operations: [], notes: [] };
  const nameOf = await namesOfAll(data, spec.name, [
    ...operations.map(({ operation }) => operation),
    ...(decision.operation === undefined ? [] : [decision.operation]),
  ]);
  if (freezeOf(data, { resourceType, key }) !== undefined)
    return [
      ...lines,
      `    would be sent: nothing while the user is frozen; otherwise: ${decisionText(decision, nameOf)}`,
    ];
  return [...lines, ...plannedText(operations, notes, decision, data.holdReasons(spec.name), nameOf)];
}

/** Looks up the names that the sentences about these operations show. */
async function namesOfAll(
  { namesOf }: ExplainData,
  target: string,
  operations: readonly Operation[],
): Promise<(operation: Operation) => NameOf> {
  const names = new Map<Operation, NameOf>();
  for (const operation of operations) names.set(operation, await namesOf(target, operation));
  return (operation) => names.get(operation) ?? (() => undefined);
}

/**
 * The unique values of a record; undefined: the mapping has none, or no plan has assigned one yet. The first value is
 * shown then.
 */
function assignedValues(
  { planned, uniqueValues }: ExplainData,
  target: string,
  { uniquePaths }: TargetMapping,
  subject: Pick<Subject, 'resourceType' | 'key'>,
): FlatResource | undefined {
  if (uniquePaths(subject.resourceType).length === 0) return undefined;
  const assigned = uniqueValues(target)?.of(subject) ?? {};
  return planned === undefined && Object.keys(assigned).length === 0 ? undefined : assigned;
}

/** Why a record has its unique values, by path. */
function uniqueReasons(
  { uniqueValues }: ExplainData,
  target: string,
  mapping: TargetMapping,
  record: SourceRecord,
  assigned: FlatResource | undefined,
): ReadonlyMap<string, readonly string[]> {
  const values = uniqueValues(target);
  if (assigned === undefined || values === undefined) return new Map();
  const { externalId } = mapping.identify(record);
  const ownId = typeof externalId === 'string' ? externalId : undefined;
  return uniqueValueTexts({
    candidates: mapping.uniqueCandidates(record),
    assigned,
    holderOf: (value) => values.holderOf(record, value, ownId),
  });
}

/** How a user comes into groups, where the rules of the target depend on them. */
const pathsTo = async (
  { mirror }: ExplainData,
  { groupRules }: TargetMapping,
  { resourceType, key }: SourceRecord,
): Promise<MembershipPaths> =>
  groupRules === undefined || resourceType === 'Group' ? new Map() : mirror.membershipPaths(key);
