import type { RemoteId } from '../../model/ids.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import { managerPath } from '../../model/path.ts';
import { isBlank, getIgnoringCase, fromScimJson } from '../../model/scim-json.ts';
import { parseId } from '../encode/urls.ts';
import { versionOf } from './judge-response.ts';

/**
 * Parses a resource of a target, limited to the paths that the mapping manages. A manager is an account id at the
 * target and a record key in the source, so its id is returned separately from the body.
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
    ...(active === undefined ? { isActiveHidden: true } : {}),
    ...versionOf({ headers, body: resource }),
    ...(members === undefined ? {} : { members }),
  };
}

/** The value of `active`. @returns undefined where a resource has none */
export const activeOf = (resource: unknown): boolean | undefined => toBoolean(getIgnoringCase(resource, 'active'));

/** Some servers write booleans as text, also as "True". */
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
