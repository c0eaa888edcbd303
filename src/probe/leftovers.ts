import type { RemoteId } from '../model/ids.ts';
import { resourceTypes, uniqueNameAttribute, type ResourceType } from '../model/resource-type.ts';
import { getIgnoringCase } from '../model/scim-json.ts';
import { parseId, withEndpoints } from '../scim/encode/urls.ts';
import { parseListResponse } from '../scim/read/list-response.ts';
import { decide } from '../scim/judge/judge-response.ts';
import { finding } from './finding.ts';
import type { ProbeSession } from './session.ts';
import { isCanary, nameIn, canaryPrefix } from './names.ts';

/** Reports canaries of earlier probes. This probe does not remove them. A row counts only if its name is a canary's. */
export async function reportLeftovers(session: ProbeSession): Promise<void> {
  for (const resourceType of resourceTypes) {
    for (const { id, name } of await findCanaries(session, resourceType, isCanary)) {
      const path = withEndpoints(session.path(resourceType, id), session.findings.profile().protocol.endpoints);
      session.findings.add(
        finding(
          'leftover',
          `${resourceType} ${name} (id ${id}) is from an earlier probe: ` +
            `delete it in the application, or by DELETE ${path}`,
        ),
      );
    }
  }
}

/**
 * Canaries that the target shows: those whose name has the prefix, as a filter finds them, else those of the first
 * page.
 *
 * @param isWanted chooses them by name
 */
export async function findCanaries(
  session: ProbeSession,
  resourceType: ResourceType,
  isWanted: (name: string) => boolean,
): Promise<readonly { readonly id: RemoteId; readonly name: string }[]> {
  const searches = [
    { filter: `${uniqueNameAttribute(resourceType)} sw ${JSON.stringify(canaryPrefix)}` },
    { startIndex: '1', count: '100' },
  ];
  for (const query of searches) {
    const response = await session.send({ method: 'GET', path: session.path(resourceType), query });
    const rows = decide(response) === 'accept' ? parseListResponse(response)?.rows : undefined;
    // The target may ignore the filter, or not support "sw": without a match, the first page is searched too.
    const canaries = (rows ?? []).flatMap((row) => {
      const [id, name] = [parseId(getIgnoringCase(row, 'id')), nameIn(resourceType, row)];
      return id !== undefined && name !== undefined && isWanted(name) ? [{ id, name }] : [];
    });
    if (canaries.length > 0) return canaries;
  }
  return [];
}
