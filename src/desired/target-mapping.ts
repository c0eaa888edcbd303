import { OperatorError } from '../model/errors.ts';
import type { SourceKey } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { Supports } from '../model/profile.ts';
import type { SourceRecord } from '../model/record.ts';
import { managerPath } from '../model/path.ts';
import type { FlatResource, Json, DesiredState } from '../model/resource.ts';
import { toScimJson } from '../model/scim-json.ts';
import { fingerprintOf } from './expressions/fingerprint.ts';
import type { SourceColumns } from './default-mapping.ts';
import {
  desire,
  identify,
  identityValues,
  managerOf,
  uniqueCandidates,
  withHeldValues,
  type HeldValues,
  type UniqueCandidates,
} from './desire.ts';
import { explain, type Explanation } from './explain.ts';
import type { Expression, ExpressionSettings } from './expression.ts';
import { resourceContext } from './expression-context.ts';
import { describeEntry, expressionsOfEntry } from './mapping-entry.ts';
import type { MappingIssue } from './mapping.ts';
import { compileScope } from './scope.ts';
import {
  collectErrors,
  compileResourceTypeMapping,
  expressionsOf,
  pathsWhere,
  usedAttributesOf,
  type Diagnostics,
  type ResourceTypeMapping,
} from './resource-type-mapping.ts';
import {
  attributesOfNames,
  compileGroupRules,
  contextOf,
  describeNames,
  type GroupRules,
} from './groups/user-groups.ts';
import { groupColumns } from './groups/group-name.ts';
import { compileJoinRules, joinedAttributes, joinSettings, unknownSource } from './joins/join-rules.ts';

/** The configuration and profile of one target, reduced to what decides the desired state. */
export interface TargetMappingSpec extends ExpressionSettings {
  readonly scope?:
    | {
        readonly users?: string | undefined;
        readonly groups?: string | undefined;
        /** Users are in scope only while they are in a group that is in scope. */
        readonly onlyMembers?: boolean | undefined;
      }
    | undefined;
  /** The attribute with the name of a group; undefined: the default mapping of displayName. */
  readonly groupName?: string | undefined;
  readonly mapping?:
    { readonly user?: WrittenMapping | undefined; readonly group?: WrittenMapping | undefined } | undefined;
  /** An expression over the mapped resource (`scim.userName == 'root'`). */
  readonly protect?: string | undefined;
  readonly supports: Supports;
  /** The joined sources without whose record a user is not ready. */
  readonly requiredSources?: readonly string[] | undefined;
}

type WrittenMapping = Readonly<Record<string, Json>>;

/** Names of the source's attributes (empty if unknown), and its default mapping, if it has one. */
export interface ColumnNames {
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly mapping?:
    { readonly user: Readonly<Record<string, string>>; readonly group: Readonly<Record<string, string>> } | undefined;
}

/** The compiled mapping of one target: pure functions of one record. */
export interface TargetMapping {
  /** @param held what the target holds for the record; entries with a policy depend on it */
  desire(record: SourceRecord, held?: HeldValues): DesiredState;
  /**
   * userName and externalId as the record would get them with an account, whether or not it should have one. What
   * cannot be computed is absent.
   */
  identify(record: SourceRecord): FlatResource;
  /** The values by which a person is recognised: userName, e-mail addresses, names. */
  identityValues(record: SourceRecord): FlatResource;
  /** Whether users get a manager. */
  readonly mapsManager: boolean;
  /** The key of a user's manager, whether or not the user should have an account; undefined: there is none. */
  managerOf(record: SourceRecord): string | undefined;
  /** The managed paths, in mapping order, defaults first. */
  paths(resourceType: ResourceType): readonly string[];
  /** Paths that are set when an account is created and not compared afterwards. */
  createOnlyPaths(resourceType: ResourceType): readonly string[];
  /** Paths whose values only one account of the target has. */
  uniquePaths(resourceType: ResourceType): readonly string[];
  /** The values that a record may have at each of these paths, in the order in which they are tried. */
  uniqueCandidates(record: SourceRecord): UniqueCandidates;
  /** Attributes that scope and mapping read; undefined if an expression computes a name. */
  readonly usedAttributes: {
    readonly users: ReadonlySet<string> | undefined;
    readonly groups: ReadonlySet<string> | undefined;
    /** The same of joined sources, by their names. */
    readonly joined: ReadonlyMap<string, ReadonlySet<string> | undefined>;
  };
  /** A joined source that the rules read and that was not compared with this user yet; undefined: there is none. */
  unknownSource(record: SourceRecord): string | undefined;
  /** How users depend on the groups of the source; undefined: they do not, so their groups are not looked up. */
  readonly groupRules: Pick<GroupRules, 'roleOf'> | undefined;
  /** SCIM path → column, for columns that are mapped by their names alone. Empty for a directory. */
  readonly implicitColumns: {
    readonly users: ReadonlyMap<string, string>;
    readonly groups: ReadonlyMap<string, string>;
  };
  /** Whether `protect` matches; undefined if it failed: then nothing may change. A missing attribute does not match. */
  isProtected(body: FlatResource): boolean | undefined;
  /** The canonical form of a key, or of a reference to it; undefined: every spelling is a key of its own. */
  readonly canonicalKey?: ((key: string) => string) | undefined;
  /** The new key of a record whose key change waits for an operator; undefined: no change waits. */
  readonly pendingKey?: ((resourceType: ResourceType, key: SourceKey) => SourceKey | undefined) | undefined;
  /** SHA-256 in hexadecimal of everything that determines the desired state, and of `protect`. */
  readonly fingerprint: string;
  /** Warnings for the operator. */
  readonly notes: readonly string[];
  explain(record: SourceRecord, held?: HeldValues): Explanation;
}

/** All errors in the mapping of one target. Its message has one line for each. */
export class MappingError extends OperatorError {
  readonly issues: readonly MappingIssue[];

  constructor(issues: readonly MappingIssue[]) {
    super('config.mapping', issues.map(describeIssue).join('\n'), 4);
    this.issues = issues;
  }
}

function describeIssue({ at, message }: MappingIssue): string {
  return `${at}: ${message}`;
}

// Part of the fingerprint. Increase it when the same mapping produces another resource from the same record.
const version = 1;

/**
 * @param at path of the target in the configuration, for messages: "targets[0]."
 * @throws MappingError (exit code 4) that lists all errors, each with its path in the configuration
 */
export function compileTargetMapping(spec: TargetMappingSpec, columns: ColumnNames, at = ''): TargetMapping {
  const diagnostics: Diagnostics = { issues: [], notes: [] };
  const { scope, mapping, protect: protectText, supports, tables, dates, sources } = spec;
  const settings = { tables, dates, sources };
  const users: SourceColumns = { columns: columns.users, mapping: columns.mapping?.user };
  const groups = groupColumns(columns, (sources?.withGroups ?? []).length > 0);
  const compiled = {
    User: compileResourceTypeMapping(
      'User',
      { scope: scope?.users, mapping: mapping?.user ?? {}, sourceColumns: users, supports, settings },
      diagnostics,
    ),
    Group: compileResourceTypeMapping(
      'Group',
      { scope: scope?.groups, mapping: mapping?.group ?? {}, sourceColumns: groups, supports, settings },
      diagnostics,
    ),
  };
  const userExpressions = expressionsOf(compiled.User);
  const groupRules = compileGroupRules({
    expressions: userExpressions,
    onlyMembers: scope?.onlyMembers === true,
    groupScope: compiled.Group.scope,
    groupColumns: groups,
    nameAttribute: spec.groupName,
  });
  const joinRules = compileJoinRules({ scope: compiled.User.scope, expressions: userExpressions, groupRules }, spec);
  const typeMappings: Readonly<Record<ResourceType, ResourceTypeMapping>> = {
    User: { ...compiled.User, groupRules, joinRules },
    Group: { ...compiled.Group, groupRules: undefined, joinRules: undefined },
  };
  const protect = compileProtect(protectText, diagnostics);
  const { notes } = diagnostics;
  requireNoIssues(diagnostics, at);
  const createOnly = pathsWhere(typeMappings, ({ onCreate }) => onCreate === true);
  const unique = pathsWhere(typeMappings, ({ source }) => source.kind === 'unique');
  const managerEntry = typeMappings.User.mapping.entries.find(({ at }) => at.text === managerPath);
  return {
    desire(record, held) {
      const typeMapping = typeMappings[record.resourceType];
      return held === undefined
        ? desire(record, typeMapping)
        : desire(record, typeMapping, withHeldValues(contextOf(record, typeMapping.groupRules), held));
    },
    identify: (record) => identify(record, typeMappings[record.resourceType]),
    identityValues: (record) => identityValues(record, typeMappings[record.resourceType]),
    mapsManager: managerEntry !== undefined,
    managerOf: (record) => managerOf(record, managerEntry),
    paths: (resourceType) => typeMappings[resourceType].mapping.entries.map((line) => line.at.text),
    createOnlyPaths: (resourceType) => createOnly[resourceType],
    uniquePaths: (resourceType) => unique[resourceType],
    uniqueCandidates: (record) => uniqueCandidates(record, typeMappings[record.resourceType]),
    usedAttributes: {
      users: usedAttributesOf(typeMappings.User, new Set()),
      groups: usedAttributesOf(
        typeMappings.Group,
        groupRules === undefined ? new Set() : attributesOfNames(groupRules),
      ),
      joined: joinedAttributes(userExpressions),
    },
    unknownSource: (record) => unknownSource(record, typeMappings[record.resourceType].joinRules),
    groupRules,
    implicitColumns: {
      users: implicitColumnsOf(typeMappings.User, users),
      groups: new Map([...implicitColumnsOf(typeMappings.Group, groups), ...implicitNameColumn(groupRules, groups)]),
    },
    isProtected: (body) => (protect === undefined ? false : evaluateProtect(protect, body)),
    fingerprint: fingerprintOf({
      version,
      users: fingerprintInput(typeMappings.User),
      groups: fingerprintInput(typeMappings.Group),
      protect: protect?.text ?? null,
      ...settingsOf([...userExpressions, ...expressionsOf(compiled.Group)], spec),
      ...joinSettings(joinRules),
    }),
    notes,
    explain: (record, held) => explain(record, typeMappings[record.resourceType], notes, held),
  };
}

/** The settings that expressions read, for the fingerprint: those that no expression reads may change. */
const settingsOf = (
  expressions: readonly Expression[],
  { tables, dates }: TargetMappingSpec,
): Readonly<Record<string, Json>> => ({
  ...(expressions.some(({ usesTables }) => usesTables) ? { tables: tables as Json } : {}),
  ...(dates !== undefined && expressions.some(({ usesDates }) => usesDates)
    ? { dates: [dates.formats, dates.zone, dates.numbers] }
    : {}),
});

function compileProtect(text: string | undefined, diagnostics: Diagnostics): Expression | undefined {
  return text === undefined ? undefined : collectErrors('protect', () => compileScope(text, 'resource'), diagnostics);
}

function requireNoIssues({ issues }: Diagnostics, at: string): void {
  if (issues.length === 0) return;
  // An invalid path in the profile is reported once, not once per resource type.
  const located = issues.map((issue) => ({ ...issue, at: `${at}${issue.at}` }));
  throw new MappingError([...new Map(located.map((issue) => [describeIssue(issue), issue])).values()]);
}

function evaluateProtect(protect: Expression, body: FlatResource): boolean | undefined {
  const result = protect.evaluate(resourceContext(toScimJson('User', body)));
  if (result.kind === 'missing') return false;
  return result.kind === 'value' && typeof result.value === 'boolean' ? result.value : undefined;
}

function implicitColumnsOf(
  { isSupported, mapping }: ResourceTypeMapping,
  { mapping: defaultEntries }: SourceColumns,
): ReadonlyMap<string, string> {
  if (!isSupported || defaultEntries !== undefined) return new Map();
  return new Map(
    mapping.entries.flatMap((entry): (readonly [string, string])[] => {
      const { at, origin } = entry;
      const [column] = expressionsOfEntry(entry)[0]?.usedAttributes ?? [];
      return origin === 'mapping' || column === undefined ? [] : [[at.text, column]];
    }),
  );
}

/** The column by which rules name groups, although the configuration does not name it. */
function implicitNameColumn(
  groupRules: GroupRules | undefined,
  { mapping: defaultEntries }: SourceColumns,
): readonly (readonly [string, string])[] {
  if (groupRules?.nameEntry?.origin !== 'default' || defaultEntries !== undefined) return [];
  const [column] = attributesOfNames(groupRules) ?? [];
  return column === undefined ? [] : [['the name of groups', column]];
}

/** Neither the order of the entries nor their origin changes the desired state. */
function fingerprintInput({ isSupported, scope, mapping, active, groupRules }: ResourceTypeMapping): Json {
  const entries = mapping.entries.map(
    (entry) => [entry.at.text, { source: entry.source.kind, text: describeEntry(entry) }] as const,
  );
  return {
    isSupported,
    scope: scope?.text ?? null,
    entries: Object.fromEntries(entries),
    active: active === undefined ? null : { source: active.source.kind, text: describeEntry(active) },
    ...(groupRules === undefined
      ? {}
      : { groups: { onlyMembers: groupRules.onlyMembers, names: describeNames(groupRules) } }),
  };
}
