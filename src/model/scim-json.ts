import type { ResourceType } from './resource-type.ts';
import { coreGroupSchema, coreUserSchema, pathOf, type AttributePath, type FilterCondition } from './path.ts';
import type { FlatResource, Json } from './resource.ts';

/** A JSON object under construction. */
export type JsonObject = { [name: string]: Json | JsonObject | JsonObject[] };

/** A flat body as the nested JSON of RFC 7643, with its `schemas`. A filter's values are part of its element. */
export function toScimJson(resourceType: ResourceType, body: FlatResource): JsonObject {
  const schemas: string[] = [resourceType === 'User' ? coreUserSchema : coreGroupSchema];
  const resource: JsonObject = { schemas };
  for (const text in body) {
    const path = pathOf(text);
    if (path.schema !== undefined && !schemas.includes(path.schema)) schemas.push(path.schema);
    setValue(containerOf(resource, path.schema), path, body[text] as Json);
  }
  return resource;
}

/** The values at these paths of a target's resource. Names are compared without case (RFC 7643 section 2.1). */
export function fromScimJson(resource: unknown, paths: Iterable<string>): FlatResource {
  const body: Record<string, Json> = {};
  for (const text of paths) {
    const value = getValue(resource, pathOf(text));
    if (!isBlank(value)) body[text] = value as Json;
  }
  return body;
}

/** A member of an object by its name, without regard to case. */
export function getIgnoringCase(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null) return undefined;
  if (Object.hasOwn(object, name)) return (object as Record<string, unknown>)[name];
  const lowerCaseName = name.toLowerCase();
  // The length first: most names are compared with many others, and lower case costs more.
  const actualName = Object.keys(object).find(
    (key) => key.length === name.length && key.toLowerCase() === lowerCaseName,
  );
  return actualName === undefined ? undefined : (object as Record<string, unknown>)[actualName];
}

/** A member of a resource; some servers write `external_id` for `externalId`. */
function getAttribute(object: unknown, name: string): unknown {
  const value = getIgnoringCase(object, name);
  if (value !== undefined || typeof object !== 'object' || object === null) return value;
  const lowerCaseName = name.toLowerCase();
  const actualName = Object.keys(object).find(
    (key) => key.includes('_') && key.replaceAll('_', '').toLowerCase() === lowerCaseName,
  );
  return actualName === undefined ? undefined : (object as Record<string, unknown>)[actualName];
}

/** RFC 7643 section 2.5: unassigned, null and an empty array are the same thing; a blank text is no value either. */
export function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** A new element with the values of a filter. */
export function elementFromFilter(filter: readonly FilterCondition[]): JsonObject {
  return Object.fromEntries(filter.map(({ name, value }) => [name, value]));
}

function containerOf(resource: JsonObject, schema: string | undefined): JsonObject {
  if (schema === undefined) return resource;
  return getOrInsert<JsonObject>(resource, schema, {});
}

/** The own property of this name, inserted if it is missing. Inherited names (`constructor`) do not count. */
function getOrInsert<T extends JsonObject | JsonObject[]>(container: JsonObject, name: string, initial: T): T {
  if (!Object.hasOwn(container, name)) container[name] = initial;
  return container[name] as T;
}

function setValue(container: JsonObject, path: AttributePath, value: Json): void {
  if (path.filter !== undefined) {
    const elements = getOrInsert<JsonObject[]>(container, path.attribute, []);
    let element = elements.find((candidate) => matchesFilter(path.filter ?? [], candidate));
    if (element === undefined) elements.push((element = elementFromFilter(path.filter)));
    element[path.subAttribute ?? 'value'] = value;
  } else if (path.subAttribute !== undefined) {
    getOrInsert<JsonObject>(container, path.attribute, {})[path.subAttribute] = value;
  } else {
    // A copy: mappings of single elements may be added to this list, and the body must not change.
    container[path.attribute] = typeof value === 'object' ? structuredClone(value) : value;
  }
}

function getValue(resource: unknown, path: AttributePath): unknown {
  const container = path.schema === undefined ? resource : getIgnoringCase(resource, path.schema);
  const value = getAttribute(container, path.attribute);
  if (path.filter !== undefined) {
    const { filter } = path;
    const elements = Array.isArray(value) ? value : value === undefined ? [] : [value];
    const element: unknown = elements.find((candidate) => matchesFilter(filter, candidate));
    return getAttribute(element, path.subAttribute ?? 'value');
  }
  if (path.subAttribute === undefined) return value;
  // Some servers return a complex attribute as its plain value: "manager": "42".
  if (path.subAttribute === 'value' && (typeof value === 'string' || typeof value === 'number')) return String(value);
  // Others write a sub-attribute beside the rest: "name.givenName": "Ada".
  return value === undefined
    ? getIgnoringCase(container, `${path.attribute}.${path.subAttribute}`)
    : getAttribute(value, path.subAttribute);
}

function matchesFilter(filter: readonly FilterCondition[], element: unknown): boolean {
  return filter.every(({ name, value }) => {
    const actual = getIgnoringCase(element, name);
    return typeof value === 'string' && typeof actual === 'string'
      ? actual.toLowerCase() === value.toLowerCase()
      : actual === value;
  });
}
