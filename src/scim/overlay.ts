import type { Edit } from '../model/operation.ts';
import {
  coreGroupSchema,
  coreUserSchema,
  formatPath,
  managerPath,
  pathOf,
  type AttributePath,
  type Selector,
} from '../model/path.ts';
import { elementOf, isBlank, type Nested } from '../model/shape.ts';
import type { Kind } from '../model/kind.ts';

type Draft = Record<string, unknown>;

/** What a target makes itself, and does not want to be told (RFC 7643 section 3.1, 4.1.2). */
const theirOwn = new Set(['meta', 'groups']);

/**
 * A resource as it was read, with edits: for targets that wipe what a PUT does not name (RFC 7644 section 3.5.1). Whatever stands there that is not
 * ours stays as it is, and null, which some refuse, is left out.
 */
export function overlay(kind: Kind, resource: object, edits: readonly Pick<Edit, 'path' | 'to'>[]): Nested {
  const draft: Draft = Object.fromEntries(
    Object.entries(withoutBlanks(resource) as Draft).filter(([name]) => !theirOwn.has(name.toLowerCase())),
  );
  for (const { path, to } of edits) place(draft, pathOf(path), to);
  const extensions = Object.keys(draft).filter((name) => name.toLowerCase().startsWith('urn:'));
  return { ...draft, schemas: [kind === 'User' ? coreUserSchema : coreGroupSchema, ...extensions] };
}

/** A copy without what has no value, however deep it stands. */
function withoutBlanks(value: unknown): unknown {
  if (Array.isArray(value)) return (value as unknown[]).map(withoutBlanks).filter((each) => !isBlank(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => (isBlank(each) ? [] : [[name, withoutBlanks(each)]])),
  );
}

function place(draft: Draft, path: AttributePath, value: unknown): void {
  const container = path.schema === undefined ? draft : inside(draft, path.schema);
  if (path.filter !== undefined) placeInElement(container, path.attribute, path.filter, path.sub ?? 'value', value);
  else if (path.sub !== undefined) {
    // A complex attribute may stand there as a plain text: a manager, by some.
    const parent = inside(container, path.attribute);
    // What else stands there tells of the one who was the manager (RFC 7643 section 4.3).
    if (isReference(path)) for (const name of Object.keys(parent)) delete parent[name];
    set(parent, path.sub, value);
    if (Object.keys(parent).length === 0) set(container, path.attribute, undefined);
  } else set(container, path.attribute, value);
  if (path.schema !== undefined && Object.keys(container).length === 0) set(draft, path.schema, undefined);
}

const isReference = (path: AttributePath): boolean => formatPath(path) === managerPath;

function placeInElement(
  container: Draft,
  attribute: string,
  filter: readonly Selector[],
  sub: string,
  value: unknown,
): void {
  const name = nameIn(container, attribute);
  const list = Array.isArray(container[name]) ? (container[name] as Draft[]) : [];
  let element = list.find((each) =>
    filter.every(
      (selector) => String(each[nameIn(each, selector.name)]).toLowerCase() === String(selector.value).toLowerCase(),
    ),
  );
  if (element === undefined) {
    if (isBlank(value)) return;
    list.push((element = elementOf(filter) as Draft));
  }
  set(element, sub, value);
  const holdsSomething = (each: Draft): boolean =>
    Object.keys(each).some(
      (key) => key === 'value' || (!filter.some((selector) => selector.name === key) && key !== 'primary'),
    );
  const kept = list.filter((each) => each !== element || holdsSomething(each));
  set(container, attribute, kept);
}

function inside(container: Draft, name: string): Draft {
  const actual = nameIn(container, name);
  const value = container[actual];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Draft;
  const made: Draft = {};
  container[actual] = made;
  return made;
}

function set(container: Draft, name: string, value: unknown): void {
  const actual = nameIn(container, name);
  if (isBlank(value)) delete container[actual];
  else container[actual] = value;
}

/** Names are compared without case (RFC 7643 section 2.1). */
function nameIn(container: Draft, name: string): string {
  return Object.keys(container).find((key) => key.toLowerCase() === name.toLowerCase()) ?? name;
}
