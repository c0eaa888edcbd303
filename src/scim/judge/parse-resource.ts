import type { RemoteId } from '../../model/ids.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import { managerPath } from '../../model/path.ts';
import type { FlatResource, Json } from '../../model/resource.ts';
import { isBlank, getIgnoringCase, fromScimJson } from '../../model/scim-json.ts';
import { parseId } from '../encode/urls.ts';
import type { FindOwner } from '../operation-context.ts';
import { versionOf } from './judge-response.ts';

/**
 * A resource as a target sent it, read by the paths that a mapping manages.
 *
 * A manager stands there as the id of an account, and here as the key of a person: it is left out where nobody is known to own that account.
 *
 * @param owner who owns an account there; without it, managers are left out
 * @returns undefined where it has no `id` that can be used
 */
export function parseResource(
  resource: unknown,
  paths: readonly string[],
  owner?: FindOwner,
  headers: Readonly<Record<string, string>> = {},
): RemoteResource | undefined {
  const id = parseId(getIgnoringCase(resource, 'id'));
  if (id === undefined) return undefined;
  const active = toBoolean(getIgnoringCase(resource, 'active'));
  const members = readMembers(getIgnoringCase(resource, 'members'));
  const body = fromScimJson(resource, paths);
  const manager = parseId(body[managerPath]);
  const ownBody = toOwnBody(body, owner);
  return {
    remoteId: id,
    body: ownBody,
    ...(manager !== undefined && ownBody[managerPath] === undefined ? { manager } : {}),
    active: active !== false,
    ...versionOf({ headers, body: resource }),
    ...(members === undefined ? {} : { members }),
  };
}

function toOwnBody(body: FlatResource, owner: FindOwner | undefined): FlatResource {
  const result: Record<string, Json> = { ...body };
  const manager = result[managerPath];
  if (manager !== undefined) {
    const id = parseId(manager);
    const key = id === undefined ? undefined : owner?.('User', id);
    if (key === undefined) delete result[managerPath];
    else result[managerPath] = key;
  }
  const active = toBoolean(result['active']);
  if (active !== undefined) result['active'] = active;
  return result;
}

/** @returns undefined where a resource does not say whether it is open */
export const activeOf = (resource: unknown): boolean | undefined => toBoolean(getIgnoringCase(resource, 'active'));

/** Some servers write booleans as text, "True" among them. */
function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.toLowerCase() : undefined;
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

function readMembers(value: unknown): readonly RemoteId[] | undefined {
  if (isBlank(value)) return Array.isArray(value) ? [] : undefined;
  const elements = Array.isArray(value) ? (value as unknown[]) : [value];
  return elements
    .map((element) => parseId(getIgnoringCase(element, 'value') ?? element))
    .filter((id) => id !== undefined);
}
