import type { ResourceType } from '../model/resource-type.ts';
import { PathSyntaxError } from '../model/path.ts';
import { canonicalPath, covers, type CanonicalPath } from './canonical-path.ts';
import { compileExpression } from './expression.ts';
import { attributeExpression } from './expressions/attribute-variables.ts';
import type { MappingEntry, ValueSource } from './mapping-entry.ts';
import { compileMapping, type MappingIssue } from './mapping.ts';

/** The attributes of a source for one resource type. */
export interface SourceColumns {
  /** Their names; empty if they cannot be listed. */
  readonly columns: readonly string[];
  /** SCIM path → expression; undefined: columns whose names are SCIM paths need no mapping. */
  readonly mapping: Readonly<Record<string, string>> | undefined;
  /** Groups of joined sources have other attributes, which are not listed here. */
  readonly hasOtherColumns?: boolean | undefined;
}

/** The entries of a default mapping, and its mistakes for the operator. */
export interface DefaultMapping {
  readonly entries: readonly MappingEntry[];
  readonly issues: readonly MappingIssue[];
}

/**
 * The mapping without any configuration: `externalId` is the key, `active` the source's definition of active. The rest
 * is the source's default mapping, or follows from the names of its columns.
 */
export function defaultMapping(resourceType: ResourceType, { columns, mapping }: SourceColumns): DefaultMapping {
  if (mapping === undefined) return { entries: entriesFromColumns(resourceType, columns), issues: [] };
  const identity = [
    defaultEntry(resourceType, 'externalId', { kind: 'key' }),
    ...(resourceType === 'User' ? [defaultEntry(resourceType, 'active', { kind: 'active' })] : []),
  ];
  const compiled = compileMapping(resourceType, mapping, identity);
  return {
    entries: compiled.mapping.entries.map((each) => ({ ...each, origin: 'default' })),
    issues: compiled.issues.map((issue) => ({
      ...issue,
      message: `what the source maps by default is wrong: ${issue.message}`,
    })),
  };
}

/**
 * The default mapping of a CSV source: a column whose header is a SCIM path, in any case, is mapped to that path
 * (`username`, `department`, `emails[type eq "work"].value`). `active` is the source's definition of active, and a
 * password is sent only if the configuration maps it.
 */
export function entriesFromColumns(resourceType: ResourceType, columns: readonly string[]): readonly MappingEntry[] {
  const requiredEntry =
    resourceType === 'User'
      ? defaultEntry(resourceType, 'active', { kind: 'active' })
      : defaultEntry(resourceType, 'displayName', groupNameSource(columns));
  const identity = [defaultEntry(resourceType, 'externalId', { kind: 'key' }), requiredEntry];
  const entries: MappingEntry[] = [];
  for (const column of columns) {
    const at = pathNamedBy(resourceType, column);
    if (at === undefined || entries.some((other) => covers(other.at.path, at.path) || covers(at.path, other.at.path)))
      continue;
    entries.push({ at, source: copyOf(resourceType, column, at.type === 'list'), origin: 'default' });
  }
  return [...identity.filter(({ at }) => !entries.some((other) => other.at.text === at.text)), ...entries];
}

const neverByDefault = new Set(['active', 'password']);

function pathNamedBy(resourceType: ResourceType, column: string): CanonicalPath | undefined {
  try {
    const at = canonicalPath(resourceType, column);
    const isDefined = at.warning === undefined && at.type !== 'object' && !neverByDefault.has(at.text);
    // An element of addresses has no value, so a plain column cannot be one.
    return isDefined && !(at.type === 'list' && at.path.attribute === 'addresses') ? at : undefined;
  } catch (error) {
    if (error instanceof PathSyntaxError) return undefined;
    throw error;
  }
}

function groupNameSource(columns: readonly string[]): ValueSource {
  const column = ['name', 'cn']
    .flatMap((candidate) => columns.filter((name) => name.toLowerCase() === candidate))
    .at(0);
  return column === undefined ? { kind: 'key' } : copyOf('Group', column, false);
}

function copyOf(resourceType: ResourceType, column: string, isList: boolean): ValueSource {
  const variable = resourceType === 'User' ? 'user' : 'group';
  return {
    kind: 'expression',
    expression: compileExpression(attributeExpression(isList ? 'values' : variable, column), variable),
  };
}

function defaultEntry(resourceType: ResourceType, path: string, source: ValueSource): MappingEntry {
  return { at: canonicalPath(resourceType, path), source, origin: 'default' };
}
