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

/** What a target makes itself, and does not want to be told (RFC 7643 section 3.1, 4.1.2). */
const readOnlyAttributes = new Set(['meta', 'groups']);

/**
 * A resource as it was read, with edits: for targets that wipe what a PUT does not name (RFC 7644 section 3.5.1). Whatever stands there that is not
 * ours stays as it is, and null, which some refuse, is left out.
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

/** A copy without what has no value, however deep it stands. */
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
    // A complex attribute may stand there as a plain text: a manager, by some.
    const parent = childObject(container, path.attribute);
    // What else stands there tells of the one who was the manager (RFC 7643 section 4.3).
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

/** Names are compared without case (RFC 7643 section 2.1). */
function actualName(container: Draft, name: string): string {
  return Object.keys(container).find((key) => key.toLowerCase() === name.toLowerCase()) ?? name;
}
