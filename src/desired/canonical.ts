import type { Kind } from '../model/kind.ts';
import {
  enterpriseUserSchema,
  formatPath,
  managerPath,
  parsePath,
  PathSyntaxError,
  type AttributePath,
  type Selector,
} from '../model/path.ts';
import { coreAttributes, enterpriseAttributes, unmappable, type Definition } from './attributes.ts';

/** A path as it is stored and compared, with what RFC 7643 says about the value that stands there. */
export interface KnownPath {
  readonly text: string;
  readonly path: AttributePath;
  /** `reference`: a person's key. `any`: an attribute that RFC 7643 does not define, taken as it comes. */
  readonly type: 'string' | 'boolean' | 'list' | 'object' | 'reference' | 'any';
  /** Why this may be a slip of the pen. */
  readonly doubt?: string;
}

/**
 * The canonical spelling of a path: names of RFC 7643 as the RFC spells them, `emails[type eq "work"]` with its `.value`,
 * and the bare names of the enterprise extension with their URN (`department`; the core has none of these).
 * @throws PathSyntaxError for what is no path, and for paths at which no value can stand
 */
export function canonicalPath(kind: Kind, text: string): KnownPath {
  const written = parsePath(text);
  const schema = schemaOf(kind, text, written);
  const definitions =
    schema === undefined ? coreAttributes(kind) : schema === enterpriseUserSchema ? enterpriseAttributes : undefined;
  const definition = definitions?.get(written.attribute.toLowerCase());
  if (schema === undefined && unmappable.has(written.attribute.toLowerCase())) {
    throw new PathSyntaxError(`"${text}" is kept by the application or follows from memberships, and cannot be mapped`);
  }
  if (definition === undefined) return undefinedPath(schema, written);
  const path = spelled(definition, schema, written);
  if (isManager(path)) return { text: managerPath, path: parsePath(managerPath), type: 'reference' };
  return { text: formatPath(path), path, ...typeAt(definition, path, text) };
}

/** Whether a mapping of both would write the same place twice: `emails` holds every `emails[…]`, `name` every `name.…`. */
export function covers(outer: AttributePath, inner: AttributePath): boolean {
  const attributeOf = ({ schema, attribute }: AttributePath): string => `${schema ?? ''}:${attribute}`.toLowerCase();
  if (attributeOf(outer) !== attributeOf(inner)) return false;
  if (outer.filter === undefined && outer.sub === undefined) return true;
  return formatPath(outer).toLowerCase() === formatPath(inner).toLowerCase();
}

function schemaOf(kind: Kind, text: string, written: AttributePath): string | undefined {
  const schema = written.schema?.toLowerCase();
  if (schema === enterpriseUserSchema.toLowerCase()) return enterpriseUserSchema;
  if (schema !== undefined) {
    if (`${schema}:${written.attribute}`.toLowerCase() === enterpriseUserSchema.toLowerCase()) {
      throw new PathSyntaxError(
        `"${text}" names a schema; an attribute must follow, such as ${enterpriseUserSchema}:department`,
      );
    }
    return written.schema;
  }
  const isQualified = /^\s*urn:/i.test(text);
  const isEnterpriseName = kind === 'User' && enterpriseAttributes.has(written.attribute.toLowerCase());
  return isEnterpriseName && !isQualified ? enterpriseUserSchema : undefined;
}

/** Outside RFC 7643 nothing is known about letters' case or types, so the path stays as it was written. */
function undefinedPath(schema: string | undefined, written: AttributePath): KnownPath {
  const path: AttributePath = {
    ...(schema === undefined ? {} : { schema }),
    attribute: written.attribute,
    ...(written.filter === undefined ? {} : { filter: sorted(written.filter), sub: written.sub ?? 'value' }),
    ...(written.sub === undefined ? {} : { sub: written.sub }),
  };
  const type = written.filter !== undefined && path.sub === 'primary' ? 'boolean' : 'any';
  return {
    text: formatPath(path),
    path,
    type,
    ...(schema === undefined ? { doubt: `RFC 7643 has no attribute ${written.attribute}` } : {}),
  };
}

function spelled(definition: Definition, schema: string | undefined, written: AttributePath): AttributePath {
  const spell = (name: string): string =>
    definition.parts.find((part) => part.name.toLowerCase() === name.toLowerCase())?.name ?? name;
  const filter =
    written.filter === undefined
      ? undefined
      : sorted(written.filter.map(({ name, value }) => ({ name: spell(name), value })));
  const sub = written.sub ?? (filter === undefined ? undefined : 'value');
  return {
    ...(schema === undefined ? {} : { schema }),
    attribute: definition.name,
    ...(filter === undefined ? {} : { filter }),
    ...(sub === undefined ? {} : { sub: spell(sub) }),
  };
}

function typeAt(definition: Definition, path: AttributePath, text: string): Pick<KnownPath, 'type' | 'doubt'> {
  const { name, multiValued, parts } = definition;
  if (definition.type !== 'complex') {
    const isPlain = path.filter === undefined && path.sub === undefined;
    if (!isPlain) throw new PathSyntaxError(`"${text}": ${name} is a single value without sub-attributes`);
    return { type: definition.type };
  }
  if (path.filter !== undefined && !multiValued) {
    throw new PathSyntaxError(`"${text}": ${name} is not a list, so there is nothing to select in brackets`);
  }
  if (path.sub === undefined) return { type: multiValued ? 'list' : 'object' };
  if (path.filter === undefined && multiValued) {
    const element = `${name}[type eq "work"].${path.sub}`;
    throw new PathSyntaxError(
      `"${text}": ${name} is a list; write ${name} for all of it or ${element} for one element`,
    );
  }
  const part = parts.find((candidate) => candidate.name === path.sub);
  if (part === undefined)
    return { type: 'any', doubt: `RFC 7643 gives ${name} only ${parts.map((each) => each.name).join(', ')}` };
  return { type: part.type === 'boolean' ? 'boolean' : 'string' };
}

/** `manager` and `manager.value` are one path, the reference. */
function isManager(path: AttributePath): boolean {
  return formatPath({ ...path, sub: path.sub ?? 'value' }) === managerPath;
}

function sorted(filter: readonly Selector[]): readonly Selector[] {
  return filter.toSorted((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
}
