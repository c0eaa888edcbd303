import type { RemoteId } from '../../model/ids.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import { managerPath } from '../../model/path.ts';
import { isBlank, getIgnoringCase, fromScimJson } from '../../model/scim-json.ts';
import { parseId } from '../encode/urls.ts';
import { versionOf } from './judge-response.ts';

/**
 * A resource as a target sent it, read by the paths that a mapping manages. A manager is the id of an account there and the key of
 * a record here: it is left out of the body, and its id is returned beside it.
 *
 * @returns undefined without a usable `id`
 */
export function parseResource(
  resource: unknown,
  paths: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): RemoteResource | undefined {
  const id = parseId(getIgnoringCase(resource, 'id'));
  if (id === undefined) return undefined;
  const active = toBoolean(getIgnoringCase(resource, 'active'));
  const members = readMembers(getIgnoringCase(resource, 'members'));
  const { [managerPath]: managerValue, ...body } = fromScimJson(resource, paths);
  const manager = parseId(managerValue);
  const activeInBody = toBoolean(body['active']);
  return {
    remoteId: id,
    body: activeInBody === undefined ? body : { ...body, active: activeInBody },
    ...(manager === undefined ? {} : { manager }),
    active: active !== false,
    ...versionOf({ headers, body: resource }),
    ...(members === undefined ? {} : { members }),
  };
}

/** @returns undefined where a resource has no `active` */
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
