import { pathOf } from '../../model/path.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { RemoteId } from '../../model/ids.ts';
import { fromScimJson, getIgnoringCase, isBlank } from '../../model/scim-json.ts';
import type { MemberRef } from '../encode/references.ts';
import { isEquivalent } from './judge-values.ts';
import { parseResource } from './parse-resource.ts';

/** Values of one attribute that the target acknowledged, and that a GET of the whole resource does not show. */
export interface NotShown {
  /** The name for the query parameter `attributes` (RFC 7644 section 3.9): `members`, `emails`. */
  readonly attribute: string;
  /** Paths of the values; empty for `members`. */
  readonly paths: readonly string[];
  /** The members; empty for other attributes. */
  readonly members: readonly MemberRef[];
  /** Number of values that the GET shows, acknowledged or not. */
  readonly shown: number;
  /** A member that the GET shows: its account shows whether this target fills in the `groups` of accounts. */
  readonly witness?: RemoteId;
}

/** The acknowledged values of a resource that a write must keep. */
export interface Acknowledged {
  /** The members of a group that the write does not remove. */
  readonly members?: readonly MemberRef[];
  /** The attributes of a user, without those that the write changes. */
  readonly body?: FlatResource;
}

/**
 * Finds what a GET lacks. A PUT of what the GET shows would remove the rest, also the values that people added by hand:
 * they are known to no state, so the absence of one known value shows that the GET is not complete.
 *
 *     members       any known member is missing
 *     emails, …     a known element is missing: neither its path nor another element holds a value
 *     title, …      not compared: a PUT contains the known value
 */
export function notShownIn(resource: unknown, { members = [], body = {} }: Acknowledged): readonly NotShown[] {
  const result: NotShown[] = [];
  const listed = new Set(parseResource(resource, [])?.members ?? []);
  const missing = members.filter(({ id }) => !listed.has(id));
  if (missing.length > 0)
    result.push({
      ...{ attribute: 'members', paths: [], members: missing, shown: listed.size },
      ...witnessOf(listed, members),
    });
  for (const [attribute, paths] of multiValuedPaths(body)) {
    const values = elementsOf(resource, attribute);
    const hidden = paths.filter((path) => !isPathShown(resource, path, values, body));
    if (hidden.length > 0) result.push({ attribute, paths: hidden, members: [], shown: values.length });
  }
  return result;
}

/** A known user among the listed members, or else any of them: those added by hand may be groups. */
function witnessOf(listed: ReadonlySet<RemoteId>, members: readonly MemberRef[]): Pick<NotShown, 'witness'> {
  const known = members.find(({ member, id }) => member.resourceType === 'User' && listed.has(id));
  const witness = known?.id ?? [...listed][0];
  return witness === undefined ? {} : { witness };
}

/** An element may lack the `type` by which its path selects it, and still hold the value. */
function isPathShown(resource: unknown, path: string, elements: readonly unknown[], body: FlatResource): boolean {
  const expected = body[path];
  if (expected === undefined || isBlank(expected)) return true;
  const actual = fromScimJson(resource, [path])[path];
  if (Array.isArray(expected)) return actual !== undefined && isEquivalent(actual, expected);
  if (actual !== undefined) return true;
  const name = pathOf(path).subAttribute ?? 'value';
  return elements.some((element) => {
    const value = getIgnoringCase(element, name) ?? element;
    return typeof value !== 'object' && isEquivalent(value as string, expected);
  });
}

/** The paths of lists, by the name of their attribute. */
function multiValuedPaths(body: FlatResource): ReadonlyMap<string, readonly string[]> {
  const result = new Map<string, string[]>();
  for (const [path, value] of Object.entries(body)) {
    const { schema, attribute, filter } = pathOf(path);
    if (filter === undefined && !Array.isArray(value)) continue;
    const name = schema === undefined ? attribute : `${schema}:${attribute}`;
    result.set(name, [...(result.get(name) ?? []), path]);
  }
  return result;
}

/** The elements of a list, of the core schema or of an extension. */
function elementsOf(resource: unknown, name: string): readonly unknown[] {
  const end = name.lastIndexOf(':');
  const holder = end < 0 ? resource : getIgnoringCase(resource, name.slice(0, end));
  const value = getIgnoringCase(holder, name.slice(end + 1));
  return Array.isArray(value) ? (value as unknown[]) : [];
}
