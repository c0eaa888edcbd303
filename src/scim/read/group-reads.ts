import type { Protocol } from '../../model/profile.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { resourcePath } from '../encode/urls.ts';
import { withRetry, type Transport } from '../transport/transport.ts';
import type { HttpResult, ScimRequest } from '../transport/message.ts';

/**
 * A transport that reads groups as the target requires: with the query parameters that it needs to return members. If
 * the target never returns members, `members` is removed from its responses, so that it is not taken for the real list.
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

/**
 * `attributes` limits the response to these attributes (RFC 7644 section 3.9), so the match attributes of groups are
 * added.
 */
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
