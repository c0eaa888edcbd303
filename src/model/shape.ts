import type { Kind } from './kind.ts';
import { coreGroupSchema, coreUserSchema, pathOf, type AttributePath, type Selector } from './path.ts';
import type { Body, Json } from './resource.ts';

export type Nested = { [name: string]: Json | Nested | Nested[] };

/** A flat body as the nested JSON of RFC 7643, with its `schemas`. Elements that a filter describes are made with the filter's values. */
export function toResource(kind: Kind, body: Body): Nested {
  const resource: Nested = {};
  const extensions = new Set<string>();
  for (const [text, value] of Object.entries(body)) {
    const path = pathOf(text);
    if (path.schema !== undefined) extensions.add(path.schema);
    place(containerOf(resource, path.schema), path, value);
  }
  return { schemas: [kind === 'User' ? coreUserSchema : coreGroupSchema, ...extensions], ...resource };
}

/** The values that stand at these paths of a resource as a target sent it. Names are compared without case (RFC 7643 section 2.1). */
export function readBody(resource: unknown, paths: Iterable<string>): Body {
  const body: Record<string, Json> = {};
  for (const text of paths) {
    const value = valueAt(resource, pathOf(text));
    if (!isBlank(value)) body[text] = value as Json;
  }
  return body;
}

/** A member of an object by its name, without regard to case. */
export function member(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null) return undefined;
  if (Object.hasOwn(object, name)) return (object as Record<string, unknown>)[name];
  const wanted = name.toLowerCase();
  const actual = Object.keys(object).find((key) => key.toLowerCase() === wanted);
  return actual === undefined ? undefined : (object as Record<string, unknown>)[actual];
}

/** A member of a resource; some servers write `external_id` for `externalId`. */
function attributeOf(object: unknown, name: string): unknown {
  const value = member(object, name);
  if (value !== undefined || typeof object !== 'object' || object === null) return value;
  const wanted = name.toLowerCase();
  const actual = Object.keys(object).find(
    (key) => key.includes('_') && key.replaceAll('_', '').toLowerCase() === wanted,
  );
  return actual === undefined ? undefined : (object as Record<string, unknown>)[actual];
}

/** RFC 7643 section 2.5: unassigned, null and an empty array are the same thing; a blank text is no value either. */
export function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** The values by which a filter selects, as an element that has nothing else yet. */
export function elementOf(filter: readonly Selector[]): Nested {
  return Object.fromEntries(filter.map(({ name, value }) => [name, value]));
}

function containerOf(resource: Nested, schema: string | undefined): Nested {
  if (schema === undefined) return resource;
  return own<Nested>(resource, schema, {});
}

/** What stands at a name, put there first if nothing does. Inherited names (`constructor`) are nothing. */
function own<T extends Nested | Nested[]>(container: Nested, name: string, initial: T): T {
  if (!Object.hasOwn(container, name)) container[name] = initial;
  return container[name] as T;
}

function place(container: Nested, path: AttributePath, value: Json): void {
  if (path.filter !== undefined) {
    const elements = own<Nested[]>(container, path.attribute, []);
    let element = elements.find((candidate) => selects(path.filter ?? [], candidate));
    if (element === undefined) elements.push((element = elementOf(path.filter)));
    element[path.sub ?? 'value'] = value;
  } else if (path.sub !== undefined) {
    own<Nested>(container, path.attribute, {})[path.sub] = value;
  } else {
    // A copy: lines about single elements may be placed into this list, and the body must stay as it is.
    container[path.attribute] = typeof value === 'object' ? structuredClone(value) : value;
  }
}

function valueAt(resource: unknown, path: AttributePath): unknown {
  const container = path.schema === undefined ? resource : member(resource, path.schema);
  const value = attributeOf(container, path.attribute);
  if (path.filter !== undefined) {
    const { filter } = path;
    const elements = Array.isArray(value) ? value : value === undefined ? [] : [value];
    const element: unknown = elements.find((candidate) => selects(filter, candidate));
    return attributeOf(element, path.sub ?? 'value');
  }
  if (path.sub === undefined) return value;
  // Some servers give a complex attribute as its plain value: "manager": "42".
  if (path.sub === 'value' && (typeof value === 'string' || typeof value === 'number')) return String(value);
  // Others write a sub-attribute beside the rest: "name.givenName": "Ada".
  return value === undefined ? member(container, `${path.attribute}.${path.sub}`) : attributeOf(value, path.sub);
}

function selects(filter: readonly Selector[], element: unknown): boolean {
  return filter.every(({ name, value }) => {
    const actual = member(element, name);
    return typeof value === 'string' && typeof actual === 'string'
      ? actual.toLowerCase() === value.toLowerCase()
      : actual === value;
  });
}
