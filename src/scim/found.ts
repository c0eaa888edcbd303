import type { RemoteId } from '../model/ids.ts';
import type { Found } from '../model/outcome.ts';
import { managerPath } from '../model/path.ts';
import type { Body, Json } from '../model/resource.ts';
import { isBlank, member, readBody } from '../model/shape.ts';
import { asRemoteId } from './address.ts';
import type { Owner } from './addressed.ts';
import { versionOf } from './response.ts';

/**
 * A resource as a target sent it, read by the paths that a mapping manages.
 *
 * A manager stands there as the id of an account, and here as the key of a person: it is left out where nobody is known to own that account.
 *
 * @param owner who owns an account there; without it, managers are left out
 * @returns undefined where it has no `id` that can be used
 */
export function toFound(
  resource: unknown,
  paths: readonly string[],
  owner?: Owner,
  headers: Readonly<Record<string, string>> = {},
): Found | undefined {
  const id = asRemoteId(member(resource, 'id'));
  if (id === undefined) return undefined;
  const active = toBoolean(member(resource, 'active'));
  const members = readMembers(member(resource, 'members'));
  const body = readBody(resource, paths);
  const manager = asRemoteId(body[managerPath]);
  const own = ownBody(body, owner);
  return {
    remoteId: id,
    body: own,
    ...(manager !== undefined && own[managerPath] === undefined ? { manager } : {}),
    active: active !== false,
    ...versionOf({ headers, body: resource }),
    ...(members === undefined ? {} : { members }),
  };
}

function ownBody(body: Body, owner: Owner | undefined): Body {
  const own: Record<string, Json> = { ...body };
  const manager = own[managerPath];
  if (manager !== undefined) {
    const id = asRemoteId(manager);
    const key = id === undefined ? undefined : owner?.('User', id);
    if (key === undefined) delete own[managerPath];
    else own[managerPath] = key;
  }
  const active = toBoolean(own['active']);
  if (active !== undefined) own['active'] = active;
  return own;
}

/** @returns undefined where a resource does not say whether it is open */
export const shownActive = (resource: unknown): boolean | undefined => toBoolean(member(resource, 'active'));

/** Some servers write booleans as text, "True" among them. */
function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.toLowerCase() : undefined;
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

function readMembers(value: unknown): readonly RemoteId[] | undefined {
  if (isBlank(value)) return Array.isArray(value) ? [] : undefined;
  const elements = Array.isArray(value) ? (value as unknown[]) : [value];
  return elements.map((element) => asRemoteId(member(element, 'value') ?? element)).filter((id) => id !== undefined);
}
