import type { IssueCode } from '../model/error-codes.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { formatFilter, PathSyntaxError } from '../model/path.ts';
import type { SourceRecord } from '../model/record.ts';
import type { FlatResource, Json } from '../model/resource.ts';
import { canonicalPath, covers, type CanonicalPath } from './canonical-path.ts';
import { compileExpression, ExpressionSyntaxError, type ExpressionSettings } from './expression.ts';
import {
  evaluateEntry,
  expressionsOfEntry,
  type EntryContext,
  type MappingEntry,
  type ValueSource,
} from './mapping-entry.ts';
import { normalise } from './normalise.ts';
import { candidatesOf, isUnique, policyMistakes, writtenPolicy } from '../model/target/entry-policy.ts';

/**
 * All mapping entries of one filtered element, and the required ones among them. An element is present completely or
 * not at all: `primary: true` alone is no e-mail address.
 *
 *     emails[type eq "work"].value   = user.mail (missing)  ─┐
 *     emails[type eq "work"].primary = true                 ─┴→ both absent
 */
export interface FilteredElement {
  readonly entries: readonly MappingEntry[];
  readonly requiredEntries: readonly MappingEntry[];
}

/** The mapping of one resource type for one target. */
export interface Mapping {
  readonly resourceType: ResourceType;
  /** In the order of the configuration, defaults first. */
  readonly entries: readonly MappingEntry[];
  /** The same, sorted by path, so that equal resources have equal JSON. */
  readonly sortedEntries: readonly MappingEntry[];
  readonly elements: readonly FilteredElement[];
}

/** One error in a mapping. */
export interface MappingIssue {
  readonly code: IssueCode;
  /** The path: `userName` in a mapping, `targets[0].mapping.user.userName` in the configuration. */
  readonly at: string;
  readonly message: string;
}

/**
 * A string is an expression, any other JSON value a constant; null removes a default, and so does a path that overlaps
 * it. Defaults are already compiled. All errors are collected, so that the operator can correct them at once.
 */
export function compileMapping(
  resourceType: ResourceType,
  written: Readonly<Record<string, Json>>,
  defaults: readonly MappingEntry[],
  settings?: ExpressionSettings,
): { mapping: Mapping; issues: readonly MappingIssue[] } {
  const issues: MappingIssue[] = [];
  const entries: MappingEntry[] = [];
  const paths: CanonicalPath[] = [];
  for (const [text, value] of Object.entries(written)) {
    try {
      const at = canonicalPath(resourceType, text);
      const overlapping = paths.find((path) => overlaps(path, at));
      if (overlapping !== undefined)
        issues.push({
          code: 'config.attributeDuplicate',
          at: text,
          message: `overlaps ${overlapping.text}; keep one of them`,
        });
      paths.push(at);
      if (value === null) continue;
      const entry = compileEntry(resourceType, at, value, settings);
      if ('issues' in entry) issues.push(...entry.issues.map((issue) => ({ ...issue, at: text })));
      else
        entries.push({
          at,
          ...entry,
          ...joinedSourcesOf({ at, ...entry, origin: 'mapping' }, settings),
          origin: 'mapping',
        });
    } catch (error) {
      if (!(error instanceof PathSyntaxError || error instanceof ExpressionSyntaxError)) throw error;
      issues.push({ code: error.code, at: text, message: error.message });
    }
  }
  const defaultEntries = defaults.filter(({ at }) => !paths.some((path) => overlaps(path, at)));
  return { mapping: createMapping(resourceType, [...defaultEntries, ...entries]), issues };
}

/** Prepares the entries of a mapping for many records. */
export function createMapping(resourceType: ResourceType, entries: readonly MappingEntry[]): Mapping {
  const sortedEntries = entries.toSorted((one, other) =>
    one.at.text < other.at.text ? -1 : one.at.text > other.at.text ? 1 : 0,
  );
  return { resourceType, entries, sortedEntries, elements: filteredElements(entries) };
}

/** The complete resource, or the first reason why there is none. */
export function applyMapping(
  mapping: Mapping,
  record: SourceRecord,
  context: EntryContext,
): { body: FlatResource } | { error: string } {
  const values = new Map<MappingEntry, Json>();
  for (const entry of mapping.sortedEntries) {
    const mapped = evaluateEntry(entry, record, context);
    if (mapped.kind === 'fault') return { error: mapped.message };
    if (mapped.kind === 'value') values.set(entry, mapped.value);
  }
  for (const { requiredEntries, entries } of mapping.elements) {
    if (!requiredEntries.some((entry) => values.has(entry))) entries.forEach((entry) => values.delete(entry));
  }
  const body: Record<string, Json> = {};
  for (const [entry, value] of values) body[entry.at.text] = value;
  return { body };
}

function overlaps(one: CanonicalPath, other: CanonicalPath): boolean {
  return covers(one.path, other.path) || covers(other.path, one.path);
}

function joinedSourcesOf(
  entry: MappingEntry,
  settings: ExpressionSettings | undefined,
): Pick<MappingEntry, 'joinedSources'> {
  const withGroups = settings?.sources?.withGroups ?? [];
  const joinedSources = new Set(
    expressionsOfEntry(entry).flatMap(({ usedJoined, usedGroupVariables }) => [
      ...usedJoined.keys(),
      ...(usedGroupVariables.size > 0 ? withGroups : []),
    ]),
  );
  return joinedSources.size === 0 ? {} : { joinedSources: [...joinedSources] };
}

type Mistake = Omit<MappingIssue, 'at'>;

/** The source of an entry's value, and its policy. @throws ExpressionSyntaxError if an expression does not compile */
function compileEntry(
  resourceType: ResourceType,
  at: CanonicalPath,
  written: Json,
  settings: ExpressionSettings | undefined,
): Pick<MappingEntry, 'source' | 'fallback' | 'onCreate'> | { readonly issues: readonly Mistake[] } {
  const policy = writtenPolicy(written);
  const compile = (value: Json): ValueSource | Mistake => compileSource(resourceType, at, value, settings);
  if (policy === undefined) {
    const source = compile(written);
    return 'code' in source ? { issues: [source] } : { source };
  }
  const mistakes = policyMistakes(at.text, policy);
  if (mistakes.length > 0)
    return { issues: mistakes.map(({ code, key, message }) => ({ code, message: `${key} ${message}` })) };
  const source = isUnique(policy) ? uniqueSource(at, candidatesOf(policy).map(compile)) : compile(policy.value);
  const fallback = policy.default === undefined ? undefined : compile(policy.default);
  if ('code' in source) return { issues: [source] };
  if (fallback !== undefined && 'code' in fallback) return { issues: [fallback] };
  return {
    source,
    ...(fallback === undefined ? {} : { fallback }),
    ...(policy.on === 'create' ? { onCreate: true } : {}),
  };
}

function uniqueSource(at: CanonicalPath, candidates: readonly (ValueSource | Mistake)[]): ValueSource | Mistake {
  const mistake = candidates.find((each) => 'code' in each);
  if (mistake !== undefined) return mistake;
  if (at.type !== 'string' && at.type !== 'any')
    return { code: 'config.notAllowed', message: 'unique is possible only for a single text, such as userName' };
  return {
    kind: 'unique',
    candidates: candidates.flatMap((each) => ('kind' in each && each.kind === 'expression' ? [each.expression] : [])),
  };
}

/** @throws ExpressionSyntaxError if the expression does not compile */
function compileSource(
  resourceType: ResourceType,
  at: CanonicalPath,
  value: Json,
  settings: ExpressionSettings | undefined,
): ValueSource | Mistake {
  if (typeof value === 'string') {
    const expression = compileExpression(value, resourceType === 'User' ? 'user' : 'group', settings);
    const reason = typeMismatch(expression.type, at);
    if (reason !== undefined) return { code: 'config.expression', message: reason };
    return { kind: 'expression', expression };
  }
  const normalised = normalise(value, at);
  if ('error' in normalised) return { code: 'config.wrongType', message: normalised.error };
  if (normalised.value === undefined) {
    const message = `the constant ${JSON.stringify(value)} is blank; write null to remove a default`;
    return { code: 'config.empty', message };
  }
  return { kind: 'constant', value: normalised.value };
}

/** A wrong static type is an error in the configuration, not in each record. */
function typeMismatch(type: string, { type: expected, text }: CanonicalPath): string | undefined {
  const isList = type.startsWith('list');
  const isMap = type.startsWith('map');
  if ((expected === 'string' || expected === 'reference') && (isList || isMap)) {
    const actual = isList ? 'list; write user.NAME for the first of values.NAME, or join them' : 'map';
    return `${text} takes a single value, and this expression gives a ${actual}`;
  }
  if (expected === 'boolean' && !['bool', 'string', 'dyn'].includes(type))
    return `${text} must be true or false, and this expression gives ${type}`;
  if (expected === 'object' && !isMap && type !== 'dyn')
    return `${text} has sub-attributes; map them one by one, as in name.givenName`;
  return undefined;
}

function filteredElements(mappingEntries: readonly MappingEntry[]): readonly FilteredElement[] {
  const byElement = new Map<string, MappingEntry[]>();
  for (const entry of mappingEntries) {
    const { schema, attribute, filter } = entry.at.path;
    if (filter === undefined) continue;
    const name = `${schema ?? ''}:${attribute}[${formatFilter(filter)}]`;
    byElement.set(name, [...(byElement.get(name) ?? []), entry]);
  }
  return [...byElement.values()].map((entries) => ({ entries, requiredEntries: requiredEntriesOf(entries) }));
}

/** `value` is required if it is mapped; otherwise any entry that is not a constant (an address has no `value`). */
function requiredEntriesOf(entries: readonly MappingEntry[]): readonly MappingEntry[] {
  const valueEntries = entries.filter(({ at }) => at.path.subAttribute === 'value');
  if (valueEntries.length > 0) return valueEntries;
  const variableEntries = entries.filter(({ source }) => source.kind !== 'constant');
  return variableEntries.length > 0 ? variableEntries : entries;
}
