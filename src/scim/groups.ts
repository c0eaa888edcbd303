import type { Speaks } from '../model/profile.ts';
import { member } from '../model/shape.ts';
import { resourcePath } from './address.ts';
import { insisting, type Exchange } from './exchange.ts';
import type { Answer, ScimRequest } from './message.ts';

/**
 * An exchange that reads groups as a target wants to be asked for them: with the parameters without which it shows no
 * members; and where it never shows them, what stands in their place is not taken for them.
 */
export function readingGroups(
  exchange: Exchange,
  { readsMembers, membersQuery }: Pick<Speaks, 'readsMembers' | 'membersQuery'>,
): Exchange {
  if (readsMembers && Object.keys(membersQuery).length === 0) return exchange;
  const asked = (request: ScimRequest): ScimRequest => ({
    ...request,
    query: { ...request.query, ...widened(membersQuery) },
  });
  const heard = (answer: Answer): Answer => (readsMembers ? answer : withoutMembers(answer));
  return insisting({
    once: async (request, ...rest) =>
      readsGroups(request) ? heard(await exchange.once(asked(request), ...rest)) : exchange.once(request, ...rest),
    waitAfter: (...about) => exchange.waitAfter(...about),
  });
}

const readsGroups = ({ method, path }: ScimRequest): boolean =>
  method === 'GET' && (path === resourcePath('Group') || path.startsWith(`${resourcePath('Group')}/`));

/** `attributes` names all that is shown (RFC 7644 section 3.9): what a group is recognised by is wanted as well. */
function widened(query: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { attributes } = query;
  if (attributes === undefined) return query;
  const wanted = new Set([...attributes.split(',').map((name) => name.trim()), 'externalId', 'displayName']);
  return { ...query, attributes: [...wanted].join(',') };
}

function withoutMembers(answer: Answer): Answer {
  if (answer.kind !== 'reply') return answer;
  const list = member(answer.body, 'Resources');
  const body = Array.isArray(list)
    ? { ...(answer.body as object), Resources: (list as unknown[]).map(stripped) }
    : stripped(answer.body);
  return { ...answer, body };
}

function stripped(resource: unknown): unknown {
  if (typeof resource !== 'object' || resource === null || Array.isArray(resource)) return resource;
  return Object.fromEntries(Object.entries(resource).filter(([name]) => name.toLowerCase() !== 'members'));
}
