import { uniqueNameAttribute, type ResourceType } from '../model/resource-type.ts';
import { PathSyntaxError } from '../model/path.ts';
import type { Supports } from '../model/profile.ts';
import type { Json } from '../model/resource.ts';
import { defaultMapping, type SourceColumns } from './default-mapping.ts';
import { attributeExpression } from './expressions/attribute-variables.ts';
import { ExpressionSyntaxError, type Expression, type ExpressionSettings } from './expression.ts';
import { withoutUnsupported } from './unsupported-attributes.ts';
import { compileConstraints, type ApplyConstraints } from './value-constraints.ts';
import { expressionsOfEntry, type MappingEntry } from './mapping-entry.ts';
import { compileMapping, type Mapping, type MappingIssue } from './mapping.ts';
import { compileScope } from './scope.ts';
import type { GroupRules } from './groups/user-groups.ts';
import type { JoinRules } from './joins/join-rules.ts';

/** The compiled mapping of one resource type for one target: scope, entries and constraints. */
export interface ResourceTypeMapping {
  /** False if the application does not support this resource type. */
  readonly isSupported: boolean;
  readonly scope: Expression | undefined;
  readonly mapping: Mapping;
  readonly applyConstraints: ApplyConstraints;
  /** The entry of `active`, even if the application does not store it: it also decides who is a leaver. */
  readonly active: MappingEntry | undefined;
  /** How users depend on groups of the source; undefined: they do not, and for groups. */
  readonly groupRules: GroupRules | undefined;
  /** How users depend on joined sources; undefined: they do not, and for groups. */
  readonly joinRules: JoinRules | undefined;
}

/** A mapping without the rules that need both resource types. */
export type OwnMapping = Omit<ResourceTypeMapping, 'groupRules' | 'joinRules'>;

/** The expressions of scope and mapping, and of `active`. */
export function expressionsOf({ scope, mapping, active }: OwnMapping): readonly Expression[] {
  const entries = active === undefined ? mapping.entries : [...mapping.entries, active];
  const mapped = entries.flatMap(expressionsOfEntry);
  return scope === undefined ? mapped : [scope, ...mapped];
}

/** The paths of the entries that match, of each type. */
export function pathsWhere(
  typeMappings: Readonly<Record<ResourceType, ResourceTypeMapping>>,
  matches: (entry: MappingEntry) => boolean,
): Readonly<Record<ResourceType, readonly string[]>> {
  const of = ({ mapping: { entries } }: ResourceTypeMapping): readonly string[] =>
    entries.filter(matches).map(({ at }) => at.text);
  return { User: of(typeMappings.User), Group: of(typeMappings.Group) };
}

/** The attributes that its expressions read; undefined if an expression computes a name. */
export function usedAttributesOf(
  typeMapping: Omit<ResourceTypeMapping, 'groupRules'>,
  ofNames: ReadonlySet<string> | undefined,
): ReadonlySet<string> | undefined {
  const names = new Set<string>(ofNames);
  if (ofNames === undefined) return undefined;
  for (const { usedAttributes } of expressionsOf(typeMapping)) {
    if (usedAttributes === undefined) return undefined;
    for (const name of usedAttributes) names.add(name);
  }
  return names;
}

/** Its input: configuration, profile and source. */
export interface ResourceTypeMappingSpec {
  readonly scope: string | undefined;
  readonly mapping: Readonly<Record<string, Json>>;
  readonly sourceColumns: SourceColumns;
  readonly supports: Supports;
  readonly settings: ExpressionSettings;
}

/** Errors and notes, each with its path in the configuration. */
export interface Diagnostics {
  readonly issues: MappingIssue[];
  readonly notes: string[];
}

/** The configuration keys of each resource type. */
const configurationNames = {
  User: { subject: 'user', section: 'mapping.user', scope: 'scope.users' },
  Group: { subject: 'group', section: 'mapping.group', scope: 'scope.groups' },
} as const;

/**
 * Compiles everything but the group rules, which need both resource types. Never throws for an error of the operator:
 * it is added to the diagnostics.
 */
export function compileResourceTypeMapping(
  resourceType: ResourceType,
  spec: ResourceTypeMappingSpec,
  diagnostics: Diagnostics,
): OwnMapping {
  const { subject, section, scope: scopeAt } = configurationNames[resourceType];
  const { scope: scopeText, sourceColumns, supports, settings } = spec;
  const scope =
    scopeText === undefined
      ? undefined
      : collectErrors(scopeAt, () => compileScope(scopeText, subject, settings), diagnostics);
  const defaults = defaultMapping(resourceType, sourceColumns);
  const compiled = compileMapping(resourceType, spec.mapping, defaults.entries, settings);
  const supported = collectErrors(
    'supports.unsupportedAttributes',
    () => withoutUnsupported(compiled.mapping, supports),
    diagnostics,
  ) ?? {
    mapping: compiled.mapping,
    dropped: [],
  };
  const typeMapping: OwnMapping = {
    isSupported: resourceType === 'User' || supports.groups,
    scope,
    mapping: supported.mapping,
    applyConstraints: compileConstraints(
      resourceType,
      supports,
      supported.mapping.entries.map(({ at }) => at.text),
    ),
    active: compiled.mapping.entries.find(({ at }) => at.text === 'active'),
  };
  const issues = [...compiled.issues, ...defaults.issues, ...plainListIssues(supports, typeMapping.mapping)];
  const located = issues.map((issue) => ({ ...issue, at: `${section}.${issue.at}` }));
  diagnostics.issues.push(...located, ...missingNameIssues(resourceType, typeMapping, issues, sourceColumns));
  diagnostics.notes.push(
    ...supported.dropped.map(({ at }) => `${section}.${at.text}: the application does not keep it, so it is not sent`),
    ...typeMapping.mapping.entries
      .filter(({ at }) => at.warning !== undefined)
      .map(({ at }) => `${section}.${at.text}: ${at.warning ?? ''}; it is sent as it is written`),
    ...unknownColumns(resourceType, typeMapping, sourceColumns),
  );
  return typeMapping;
}

/** A list of plain values has no elements that a path could select. */
function plainListIssues({ lists }: Supports, { entries }: Mapping): readonly MappingIssue[] {
  return entries
    .filter(({ at: { path } }) => path.filter !== undefined && lists[path.attribute]?.plain === true)
    .map(({ at: { text, path } }) => ({
      code: 'config.attributeStructure',
      at: text,
      message: `this application takes ${path.attribute} as a list of plain values; map ${path.attribute} as a whole`,
    }));
}

/** The result of `compile`; an error in an expression or a path becomes a diagnostic. */
export function collectErrors<T>(at: string, compile: () => T, { issues }: Diagnostics): T | undefined {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError || error instanceof PathSyntaxError)) throw error;
    issues.push({ code: error.code, at, message: error.message });
    return undefined;
  }
}

function missingNameIssues(
  resourceType: ResourceType,
  { isSupported, mapping }: Pick<ResourceTypeMapping, 'isSupported' | 'mapping'>,
  issues: readonly MappingIssue[],
  { columns, mapping: defaultEntries }: SourceColumns,
): readonly MappingIssue[] {
  const { subject, section } = configurationNames[resourceType];
  const name = uniqueNameAttribute(resourceType);
  const isFaulty = issues.some((issue) => issue.at.trim().toLowerCase() === name.toLowerCase());
  if (!isSupported || isFaulty || mapping.entries.some(({ at }) => at.text === name)) return [];
  const nameColumn = columns.find((column) =>
    /^(user.?name|login|upn|user.?principal.?name|e.?mail|mail|work.?e.?mail)$/i.test(column),
  );
  const placeholder = defaultEntries === undefined ? 'COLUMN' : 'ATTRIBUTE';
  const example = `"${name}": ${JSON.stringify(attributeExpression(subject, nameColumn ?? placeholder))}`;
  const otherwise = defaultEntries === undefined ? `, or give the source a column ${name}` : '';
  return [
    {
      code: 'config.missing',
      at: `${section}.${name}`,
      message: `is not mapped, and every ${subject} must have one; write ${example}${otherwise}`,
    },
  ];
}

/** Names without a column. This is only a warning, since `has(user.nickname)` is valid. */
function unknownColumns(
  resourceType: ResourceType,
  { scope, mapping }: Pick<ResourceTypeMapping, 'scope' | 'mapping'>,
  { columns, hasOtherColumns }: SourceColumns,
): readonly string[] {
  if (columns.length === 0 || hasOtherColumns === true) return [];
  const { subject, section, scope: scopeAt } = configurationNames[resourceType];
  const usages: { at: string; attributes: Expression['usedAttributes'] }[] =
    scope === undefined ? [] : [{ at: scopeAt, attributes: scope.usedAttributes }];
  for (const entry of mapping.entries) {
    for (const { usedAttributes } of expressionsOfEntry(entry))
      usages.push({ at: `${section}.${entry.at.text}`, attributes: usedAttributes });
  }
  return usages.flatMap(({ at, attributes }) => {
    const unknown = [...(attributes ?? [])].filter((name) => !columns.includes(name));
    return unknown.map(
      (name) => `${at}: reads ${attributeExpression(subject, name)}, and the source has no such attribute`,
    );
  });
}
