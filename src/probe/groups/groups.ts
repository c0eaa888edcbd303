import { coreGroupSchema } from '../../model/path.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { parseListResponse } from '../../scim/read/list-response.ts';
import type { Response } from '../../scim/transport/message.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { usesPatch } from '../protocol/set-attributes.ts';
import { judgeDuplicate } from '../protocol/duplicate.ts';
import { finding, undecided, type Finding } from '../finding.ts';
import { isRefusal, type Creation } from '../canaries.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { probeLookups, readGroupNames } from '../protocol/lookup.ts';

const topic = 'group';

/** A group as SCIM JSON. */
export const groupResource = (displayName: string, attributes: object = {}): object => ({
  schemas: [coreGroupSchema],
  displayName,
  ...attributes,
});

/** Creates the canary group. @returns undefined if the target has no groups, or refuses to create one */
export async function createFirstGroup(session: ProbeSession): Promise<Canary | undefined> {
  const listResponse = await session.send({
    method: 'GET',
    path: session.path('Group'),
    query: { startIndex: '1', count: '1' },
  });
  const creation = await session.create('Group', (name) => groupResource(name, { externalId: `x-${name}` }));
  const minimal =
    creation.canary === undefined ? await session.create('Group', (name) => groupResource(name)) : creation;
  session.findings.add(...judgeFirstGroup(listResponse, creation, minimal));
  return minimal.canary;
}

/** Judges the create of a group, with and without an externalId. */
export function judgeFirstGroup(listResponse: Response, creation: Creation, minimal: Creation): readonly Finding[] {
  if (creation.canary !== undefined)
    return [finding(topic, `a group without members is created by POST (${creation.response.status})`)];
  if (minimal.canary !== undefined)
    return [
      finding(topic, `a group is created by POST, but refused with an externalId: ${errorSummary(creation.response)}`, {
        protocol: { matchGroups: ['displayName'] },
      }),
    ];
  const hasGroups = decide(listResponse) === 'accept' && parseListResponse(listResponse) !== undefined;
  const reason = errorSummary(minimal.response);
  if (!hasGroups && isRefusal(listResponse))
    return [finding(topic, `groups are not supported: ${errorSummary(listResponse)}`, { supports: { groups: false } })];
  if (!hasGroups)
    return [undecided(topic, `groups could neither be listed (${errorSummary(listResponse)}) nor created (${reason})`)];
  if (['denied', 'unsupported', 'notFound'].includes(decide(minimal.response)))
    return [finding(topic, `groups are read-only: ${reason}`, { supports: { groupsReadOnly: true } })];
  return [undecided(topic, `no group could be created: ${reason}`)];
}

/** Experiments on a group's attributes, except changes of its name and its members. */
export async function probeGroupAttributes(session: ProbeSession, canary: Canary): Promise<void> {
  const readResponse = await session.readUntil(canary, (body) => readGroupNames(body)['displayName'] !== undefined);
  const stored = readGroupNames(readResponse.body);
  if (decide(readResponse) !== 'accept')
    session.findings.add(undecided(topic, `a new group cannot be read: ${errorSummary(readResponse)}`));
  else if (stored['externalId'] === undefined)
    session.findings.add(finding(topic, 'externalId of a group is not stored'));
  await probeLookups(
    session,
    'Group',
    canary,
    { externalId: `x-${canary.name}`, ...stored },
    ['externalId', 'displayName'],
    stored,
  );
  await probeDuplicateGroup(session, canary);
}

async function probeDuplicateGroup(session: ProbeSession, canary: Canary): Promise<void> {
  const { response, canary: second } = await session.create('Group', () => groupResource(canary.name), {
    name: canary.name,
    handledStatuses: [429],
  });
  session.findings.add(
    ...judgeDuplicate('Group', response, canary, second, undefined, session.findings.profile().protocol),
  );
}

/** Whether the profile found so far updates groups by PATCH. */
export const groupsUsePatch = (session: ProbeSession): boolean =>
  usesPatch(session.findings.profile().protocol, 'Group');

/** Ids of the members in a group resource. @returns undefined if it has no `members`; an empty list is one */
export const memberIds = (body: unknown): readonly string[] | undefined => {
  const members = getIgnoringCase(body, 'members');
  if (members === undefined || members === null) return undefined;
  const elements = Array.isArray(members) ? (members as readonly unknown[]) : [members];
  return elements.flatMap((element) => {
    const id = typeof element === 'object' && element !== null ? getIgnoringCase(element, 'value') : element;
    return typeof id === 'string' || typeof id === 'number' ? [String(id)] : [];
  });
};
