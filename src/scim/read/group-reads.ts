import type { Protocol } from '../../model/profile.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { resourcePath } from '../encode/urls.ts';
import { withRetry, type Transport } from '../transport/transport.ts';
import type { HttpResult, ScimRequest } from '../transport/message.ts';

/**
 * An exchange that reads groups as a target wants to be asked for them: with the parameters without which it shows no
 * members; and where it never shows them, what stands in their place is not taken for them.
 */
export function withGroupReadOptions(
  transport: Transport,
  { returnsMembers, groupReadQuery }: Pick<Protocol, 'returnsMembers' | 'groupReadQuery'>,
): Transport {
  if (returnsMembers && Object.keys(groupReadQuery).length === 0) return transport;
  const withReadOptions = (request: ScimRequest): ScimRequest => ({
    ...request,
    query: { ...request.query, ...withRequiredAttributes(groupReadQuery) },
  });
  const filterResult = (result: HttpResult): HttpResult => (returnsMembers ? result : withoutMembers(result));
  return withRetry({
    send: async (request, ...rest) =>
      isGroupRead(request)
        ? filterResult(await transport.send(withReadOptions(request), ...rest))
        : transport.send(request, ...rest),
    backOff: (...about) => transport.backOff(...about),
  });
}

const isGroupRead = ({ method, path }: ScimRequest): boolean =>
  method === 'GET' && (path === resourcePath('Group') || path.startsWith(`${resourcePath('Group')}/`));

/** `attributes` names all that is shown (RFC 7644 section 3.9): what a group is recognised by is wanted as well. */
function withRequiredAttributes(query: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { attributes } = query;
  if (attributes === undefined) return query;
  const requested = new Set([...attributes.split(',').map((name) => name.trim()), 'externalId', 'displayName']);
  return { ...query, attributes: [...requested].join(',') };
}

function withoutMembers(result: HttpResult): HttpResult {
  if (result.kind !== 'response') return result;
  const list = getIgnoringCase(result.body, 'Resources');
  const body = Array.isArray(list)
    ? { ...(result.body as object), Resources: (list as unknown[]).map(withoutMembersOf) }
    : withoutMembersOf(result.body);
  return { ...result, body };
}

function withoutMembersOf(resource: unknown): unknown {
  if (typeof resource !== 'object' || resource === null || Array.isArray(resource)) return resource;
  return Object.fromEntries(Object.entries(resource).filter(([name]) => name.toLowerCase() !== 'members'));
}
