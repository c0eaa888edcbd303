import type { SourceRecord } from '../model/record.ts';
import type { FlatResource, Json, DesiredState } from '../model/resource.ts';
import { decideRecordScope, desire, mapResource, withHeldValues, type HeldValues } from './desire.ts';
import { decidingGroups, type DecidingGroups } from './groups/deciding-groups.ts';
import { describeEntry, evaluateEntry, expressionsOfEntry, type MappingEntry } from './mapping-entry.ts';
import { applyMapping } from './mapping.ts';
import type { ResourceTypeMapping } from './resource-type-mapping.ts';
import { contextOf, type GroupRules, type UserGroup } from './groups/user-groups.ts';

/** How one record is mapped for one target, and why; `explain` shows it. */
export interface Explanation {
  readonly desired: DesiredState;
  readonly scope: {
    readonly inScope: boolean;
    readonly reason: string;
    readonly decidedBy?: DecidingGroups<UserGroup>;
  };
  /** The groups of a user, by name; undefined: no rule depends on groups. */
  readonly groups?: readonly UserGroup[];
  /** In mapping order. */
  readonly paths: readonly ExplainedPath[];
  /** Notes for all records: paths that the application does not store. */
  readonly notes: readonly string[];
}

/** One SCIM path of an explained record: its expression, and its value or why it has none. */
export interface ExplainedPath {
  readonly path: string;
  readonly source: string;
  readonly origin: 'mapping' | 'default';
  readonly value?: Json;
  /** The reason for a missing value. */
  readonly absenceReason?: string;
  /** The groups of a user that decide the value; undefined: the expression reads no groups. */
  readonly decidedBy?: DecidingGroups<UserGroup>;
}

/** Explains how a record becomes a resource at one target: scope, and each path with its expression and value. */
export function explain(
  record: SourceRecord,
  typeMapping: ResourceTypeMapping,
  notes: readonly string[],
  held: HeldValues = {},
): Explanation {
  const context = withHeldValues(contextOf(record, typeMapping.groupRules), held);
  const scope = typeMapping.isSupported
    ? decideRecordScope(record, typeMapping, context)
    : ({ kind: 'out', reason: 'the application has no groups' } as const);
  const bodyOf = (result: { readonly body: FlatResource } | { readonly error: string }): FlatResource | undefined =>
    'body' in result ? result.body : undefined;
  const mapped = bodyOf(applyMapping(typeMapping.mapping, record, context));
  const body = bodyOf(mapResource(record, typeMapping, context));
  const explainEntry = (entry: MappingEntry): ExplainedPath => {
    const { at, origin } = entry;
    const evaluated = evaluateEntry(entry, record, context);
    const decidedBy = groupsThatDecideEntry(record, typeMapping, entry);
    const common = {
      path: at.text,
      source: describeEntry(entry),
      origin,
      ...(decidedBy === undefined ? {} : { decidedBy }),
    };
    if (evaluated.kind === 'absent') return { ...common, absenceReason: evaluated.reason };
    if (evaluated.kind === 'fault') return { ...common, absenceReason: evaluated.message };
    if (mapped !== undefined && mapped[at.text] === undefined)
      return { ...common, absenceReason: 'the element that it belongs to has no value' };
    if (body !== undefined && body[at.text] === undefined)
      return { ...common, absenceReason: 'the application takes no more of this list' };
    return { ...common, value: body?.[at.text] ?? evaluated.value };
  };
  return {
    desired: desire(record, typeMapping, context),
    scope: { inScope: scope.kind === 'in', reason: scope.reason, ...groupsThatDecideScope(record, typeMapping) },
    ...(typeMapping.groupRules === undefined ? {} : { groups: typeMapping.groupRules.of(record) }),
    paths: typeMapping.mapping.entries.map(explainEntry),
    notes,
  };
}

/** The groups that put a user into the scope, or keep the user out of it. */
function groupsThatDecideScope(
  record: SourceRecord,
  typeMapping: ResourceTypeMapping,
): Pick<Explanation['scope'], 'decidedBy'> {
  const { groupRules, scope } = typeMapping;
  if (groupRules === undefined || !(groupRules.onlyMembers || (scope?.usedGroupVariables.size ?? 0) > 0)) return {};
  return {
    decidedBy: decideByGroups(
      record,
      groupRules,
      (one) => decideRecordScope(one, typeMapping, contextOf(one, groupRules)).kind,
    ),
  };
}

function groupsThatDecideEntry(
  record: SourceRecord,
  { groupRules }: ResourceTypeMapping,
  entry: MappingEntry,
): DecidingGroups<UserGroup> | undefined {
  const usesGroups = expressionsOfEntry(entry).some(({ usedGroupVariables }) => usedGroupVariables.size > 0);
  if (groupRules === undefined || !usesGroups) return undefined;
  return decideByGroups(record, groupRules, (one) =>
    JSON.stringify(evaluateEntry(entry, one, contextOf(one, groupRules))),
  );
}

function decideByGroups(
  record: SourceRecord,
  groupRules: GroupRules,
  resultFor: (record: SourceRecord) => string,
): DecidingGroups<UserGroup> {
  const { kind, groups } = decidingGroups(record.groups ?? [], (some) => resultFor({ ...record, groups: some }));
  return { kind, groups: groupRules.of({ ...record, groups }) };
}
