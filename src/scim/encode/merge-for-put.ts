import type { Edit } from '../../model/operation.ts';
import {
  coreGroupSchema,
  coreUserSchema,
  formatPath,
  managerPath,
  pathOf,
  type AttributePath,
  type FilterCondition,
} from '../../model/path.ts';
import { elementFromFilter, isBlank, type JsonObject } from '../../model/scim-json.ts';
import type { ResourceType } from '../../model/resource-type.ts';

type Draft = Record<string, unknown>;

/** Read-only attributes, which the target maintains itself (RFC 7643 section 3.1, 4.1.2). */
const readOnlyAttributes = new Set(['meta', 'groups']);

/**
 * Applies edits to a resource from a GET, for targets that remove every attribute that a PUT omits (RFC 7644 section
 * 3.5.1). Attributes outside of the mapping stay unchanged. null is omitted, since some targets refuse it.
 */
export function mergeEdits(
  resourceType: ResourceType,
  resource: object,
  edits: readonly Pick<Edit, 'path' | 'to'>[],
): JsonObject {
  const draft: Draft = Object.fromEntries(
    Object.entries(withoutBlanks(resource) as Draft).filter(([name]) => !readOnlyAttributes.has(name.toLowerCase())),
  );
  for (const { path, to } of edits) setAtPath(draft, pathOf(path), to);
  const extensions = Object.keys(draft).filter((name) => name.toLowerCase().startsWith('urn:'));
  return { ...draft, schemas: [resourceType === 'User' ? coreUserSchema : coreGroupSchema, ...extensions] };
}

/** A copy without blank values, at every depth. */
function withoutBlanks(value: unknown): unknown {
  if (Array.isArray(value)) return (value as unknown[]).map(withoutBlanks).filter((each) => !isBlank(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => (isBlank(each) ? [] : [[name, withoutBlanks(each)]])),
  );
}

function setAtPath(draft: Draft, path: AttributePath, value: unknown): void {
  const container = path.schema === undefined ? draft : childObject(draft, path.schema);
  if (path.filter !== undefined)
    setInElement(container, path.attribute, path.filter, path.subAttribute ?? 'value', value);
  else if (path.subAttribute !== undefined) {
    // Some targets represent a complex attribute, such as manager, as plain text; it becomes an object.
    const parent = childObject(container, path.attribute);
    // The other sub-attributes describe the previous manager (RFC 7643 section 4.3).
    if (isReference(path)) for (const name of Object.keys(parent)) delete parent[name];
    setOrDelete(parent, path.subAttribute, value);
    if (Object.keys(parent).length === 0) setOrDelete(container, path.attribute, undefined);
  } else setOrDelete(container, path.attribute, value);
  if (path.schema !== undefined && Object.keys(container).length === 0) setOrDelete(draft, path.schema, undefined);
}

const isReference = (path: AttributePath): boolean => formatPath(path) === managerPath;

function setInElement(
  container: Draft,
  attribute: string,
  filter: readonly FilterCondition[],
  sub: string,
  value: unknown,
): void {
  const name = actualName(container, attribute);
  const list = Array.isArray(container[name]) ? (container[name] as Draft[]) : [];
  let element = list.find((each) =>
    filter.every(
      (selector) =>
        String(each[actualName(each, selector.name)]).toLowerCase() === String(selector.value).toLowerCase(),
    ),
  );
  if (element === undefined) {
    if (isBlank(value)) return;
    list.push((element = elementFromFilter(filter) as Draft));
  }
  setOrDelete(element, sub, value);
  const hasContent = (each: Draft): boolean =>
    Object.keys(each).some(
      (key) => key === 'value' || (!filter.some((selector) => selector.name === key) && key !== 'primary'),
    );
  const remaining = list.filter((each) => each !== element || hasContent(each));
  setOrDelete(container, attribute, remaining);
}

function childObject(container: Draft, name: string): Draft {
  const actual = actualName(container, name);
  const value = container[actual];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Draft;
  const child: Draft = {};
  container[actual] = child;
  return child;
}

function setOrDelete(container: Draft, name: string, value: unknown): void {
  const actual = actualName(container, name);
  if (isBlank(value)) delete container[actual];
  else container[actual] = value;
}

/** Attribute names are case-insensitive (RFC 7643 section 2.1). */
function actualName(container: Draft, name: string): string {
  return Object.keys(container).find((key) => key.toLowerCase() === name.toLowerCase()) ?? name;
}
