import type { ResourceType } from '../model/resource-type.ts';
import {
  enterpriseUserSchema,
  formatPath,
  managerPath,
  parsePath,
  PathSyntaxError,
  type AttributePath,
  type FilterCondition,
} from '../model/path.ts';
import {
  coreAttributes,
  enterpriseAttributes,
  unmappableAttributes,
  type AttributeDefinition,
} from './rfc7643-attributes.ts';

/** A path as it is stored and compared, with the type that RFC 7643 defines for its value. */
export interface CanonicalPath {
  readonly text: string;
  readonly path: AttributePath;
  /** `reference`: a user's key. `any`: an attribute that RFC 7643 does not define; its value is not checked. */
  readonly type: 'string' | 'boolean' | 'list' | 'object' | 'reference' | 'any';
  /** Why this path may be a mistake. */
  readonly warning?: string;
}

/**
 * The canonical spelling of a path: names of RFC 7643 as the RFC spells them, `emails[type eq "work"]` with its
 * `.value`, and the bare names of the enterprise extension with their URN (`department`; the core schema does not
 * define these).
 * @throws PathSyntaxError if this is not a path, or if the path cannot have a value
 */
export function canonicalPath(resourceType: ResourceType, text: string): CanonicalPath {
  const written = parsePath(text);
  const schema = schemaOf(resourceType, text, written);
  const definitions =
    schema === undefined
      ? coreAttributes(resourceType)
      : schema === enterpriseUserSchema
        ? enterpriseAttributes
        : undefined;
  const definition = definitions?.get(written.attribute.toLowerCase());
  if (schema === undefined && unmappableAttributes.has(written.attribute.toLowerCase())) {
    throw new PathSyntaxError(
      'config.attributeReadOnly',
      `"${text}" is kept by the application or follows from memberships, and cannot be mapped`,
    );
  }
  if (definition === undefined) return nonStandardPath(schema, written);
  const path = withStandardSpelling(definition, schema, written);
  if (isManager(path)) return { text: managerPath, path: parsePath(managerPath), type: 'reference' };
  return { text: formatPath(path), path, ...typeAt(definition, path, text) };
}

/** Whether two paths overlap: `emails` contains every `emails[…]`, `name` every `name.…`. */
export function covers(outer: AttributePath, inner: AttributePath): boolean {
  const qualifiedName = ({ schema, attribute }: AttributePath): string => `${schema ?? ''}:${attribute}`.toLowerCase();
  if (qualifiedName(outer) !== qualifiedName(inner)) return false;
  if (outer.filter === undefined && outer.subAttribute === undefined) return true;
  return formatPath(outer).toLowerCase() === formatPath(inner).toLowerCase();
}

function schemaOf(resourceType: ResourceType, text: string, written: AttributePath): string | undefined {
  const schema = written.schema?.toLowerCase();
  if (schema === enterpriseUserSchema.toLowerCase()) return enterpriseUserSchema;
  if (schema !== undefined) {
    if (`${schema}:${written.attribute}`.toLowerCase() === enterpriseUserSchema.toLowerCase()) {
      throw new PathSyntaxError(
        'config.attributeStructure',
        `"${text}" names a schema; an attribute must follow, such as ${enterpriseUserSchema}:department`,
      );
    }
    return written.schema;
  }
  const isQualified = /^\s*urn:/i.test(text);
  const isEnterpriseName = resourceType === 'User' && enterpriseAttributes.has(written.attribute.toLowerCase());
  return isEnterpriseName && !isQualified ? enterpriseUserSchema : undefined;
}

/** Outside RFC 7643 neither case nor types are known, so the path stays as written. */
function nonStandardPath(schema: string | undefined, written: AttributePath): CanonicalPath {
  const path: AttributePath = {
    ...(schema === undefined ? {} : { schema }),
    attribute: written.attribute,
    ...(written.filter === undefined
      ? {}
      : { filter: sortByName(written.filter), subAttribute: written.subAttribute ?? 'value' }),
    ...(written.subAttribute === undefined ? {} : { subAttribute: written.subAttribute }),
  };
  const type = written.filter !== undefined && path.subAttribute === 'primary' ? 'boolean' : 'any';
  return {
    text: formatPath(path),
    path,
    type,
    ...(schema === undefined ? { warning: `RFC 7643 has no attribute ${written.attribute}` } : {}),
  };
}

function withStandardSpelling(
  definition: AttributeDefinition,
  schema: string | undefined,
  written: AttributePath,
): AttributePath {
  const spellingOf = (name: string): string =>
    definition.subAttributes.find((part) => part.name.toLowerCase() === name.toLowerCase())?.name ?? name;
  const filter =
    written.filter === undefined
      ? undefined
      : sortByName(written.filter.map(({ name, value }) => ({ name: spellingOf(name), value })));
  const sub = written.subAttribute ?? (filter === undefined ? undefined : 'value');
  return {
    ...(schema === undefined ? {} : { schema }),
    attribute: definition.name,
    ...(filter === undefined ? {} : { filter }),
    ...(sub === undefined ? {} : { subAttribute: spellingOf(sub) }),
  };
}

function typeAt(
  definition: AttributeDefinition,
  path: AttributePath,
  text: string,
): Pick<CanonicalPath, 'type' | 'warning'> {
  const { name, multiValued, subAttributes } = definition;
  if (definition.type !== 'complex') {
    const isPlain = path.filter === undefined && path.subAttribute === undefined;
    if (!isPlain)
      throw new PathSyntaxError(
        'config.attributeStructure',
        `"${text}": ${name} is a single value without sub-attributes`,
      );
    return { type: definition.type };
  }
  if (path.filter !== undefined && !multiValued) {
    throw new PathSyntaxError(
      'config.attributeStructure',
      `"${text}": ${name} is not a list, so there is nothing to select in brackets`,
    );
  }
  if (path.subAttribute === undefined) return { type: multiValued ? 'list' : 'object' };
  if (path.filter === undefined && multiValued) {
    const element = `${name}[type eq "work"].${path.subAttribute}`;
    throw new PathSyntaxError(
      'config.attributeStructure',
      `"${text}": ${name} is a list; write ${name} for all of it or ${element} for one element`,
    );
  }
  const part = subAttributes.find((candidate) => candidate.name === path.subAttribute);
  if (part === undefined)
    return { type: 'any', warning: `RFC 7643 gives ${name} only ${subAttributes.map((each) => each.name).join(', ')}` };
  return { type: part.type === 'boolean' ? 'boolean' : 'string' };
}

/** `manager` and `manager.value` are one path, the reference. */
function isManager(path: AttributePath): boolean {
  return formatPath({ ...path, subAttribute: path.subAttribute ?? 'value' }) === managerPath;
}

function sortByName(filter: readonly FilterCondition[]): readonly FilterCondition[] {
  return filter.toSorted((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
}
