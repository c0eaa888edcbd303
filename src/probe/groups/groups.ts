import { coreGroupSchema } from '../../model/path.ts';
import type { FlatResource } from '../../model/resource.ts';
import { fromScimJson } from '../../model/scim-json.ts';
import { parseListResponse } from '../../scim/read/list-response.ts';
import type { Response } from '../../scim/transport/message.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { setAttributes, usesPatch, putBody } from '../protocol/set-attributes.ts';
import { judgeDuplicate } from '../protocol/duplicate.ts';
import { finding, undecided, type Finding } from '../finding.ts';
import type { Creation, ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { probeLookups, readGroupNames } from '../protocol/lookup.ts';
import { patchBody } from '../protocol/patch-variants.ts';
import { showsValues } from '../protocol/patch-support.ts';

const topic = 'group';

/** A group as it is sent. */
export const groupResource = (displayName: string, attributes: object = {}): object => ({
  schemas: [coreGroupSchema],
  displayName,
  ...attributes,
});

/** Makes the canary group. @returns undefined where there are no groups, or none that we may make */
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

export function judgeFirstGroup(listResponse: Response, creation: Creation, minimal: Creation): readonly Finding[] {
  if (creation.canary !== undefined)
    return [finding(topic, `a group without members is made by POST, answered ${creation.response.status}`)];
  if (minimal.canary !== undefined)
    return [
      finding(topic, `a group is made by POST, but not with an externalId: ${errorSummary(creation.response)}`, {
        protocol: { matchGroups: ['displayName'] },
      }),
    ];
  const hasGroups = decide(listResponse) === 'accept' && parseListResponse(listResponse) !== undefined;
  const reason = errorSummary(minimal.response);
  if (!hasGroups)
    return [finding(topic, `there are no groups: ${errorSummary(listResponse)}`, { supports: { groups: false } })];
  if (['denied', 'unsupported', 'notFound'].includes(decide(minimal.response)))
    return [finding(topic, `groups are shown, and cannot be made: ${reason}`, { supports: { groupsReadOnly: true } })];
  return [undecided(topic, `no group could be made: ${reason}`)];
}

/** Everything about a group but its members. */
export async function probeGroupAttributes(session: ProbeSession, canary: Canary): Promise<void> {
  const readResponse = await session.readUntil(canary, (body) => readGroupNames(body)['displayName'] !== undefined);
  const stored = readGroupNames(readResponse.body);
  if (decide(readResponse) !== 'accept')
    session.findings.add(undecided(topic, `a group that was just made cannot be read: ${errorSummary(readResponse)}`));
  else if (stored['externalId'] === undefined) session.findings.add(finding(topic, 'a group has no externalId there'));
  await probeLookups(
    session,
    'Group',
    canary,
    { externalId: `x-${canary.name}`, ...stored },
    ['externalId', 'displayName'],
    stored,
  );
  await probeDuplicateGroup(session, canary);
  await probeGroupRename(session, canary, stored);
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

/** A new name for the group, which keeps the canary's own as its beginning; then the old one again. */
async function probeGroupRename(session: ProbeSession, canary: Canary, stored: FlatResource): Promise<void> {
  if (stored['displayName'] === undefined) return;
  const renamed = { displayName: `${canary.name} renamed` };
  const response = await setAttributes(session, canary, renamed);
  const isRenamed = async (): Promise<boolean> =>
    showsValues((await session.readUntil(canary, (body) => showsValues(body, renamed))).body, renamed);
  if (decide(response) === 'accept' && (await isRenamed())) {
    session.findings.add(
      finding('rename', `a group is renamed by ${groupsUsePatch(session) ? 'PATCH' : 'PUT'} (${response.status})`),
    );
  } else if (!(await tryOtherRenames(session, canary, renamed, isRenamed, response))) return;
  const restoreResponse = await setAttributes(session, canary, { displayName: canary.name });
  if (decide(restoreResponse) !== 'accept')
    session.findings.add(finding('rename', `it does not take its first name back: ${errorSummary(restoreResponse)}`));
}

async function tryOtherRenames(
  session: ProbeSession,
  canary: Canary,
  renamed: FlatResource,
  isRenamed: () => Promise<boolean>,
  first: Response,
): Promise<boolean> {
  const description =
    decide(first) === 'accept' ? `answered ${first.status}, and the name stays` : `refused, ${errorSummary(first)}`;
  session.findings.add(
    finding('rename', `${groupsUsePatch(session) ? 'PATCH' : 'PUT'} of a group's name: ${description}`),
  );
  if (groupsUsePatch(session)) {
    const { patchOps, patchPaths, update } = session.findings.profile().protocol;
    const pathlessResponse =
      patchPaths === 'nested'
        ? undefined
        : await session.write(
            'PATCH',
            canary,
            patchBody([{ op: patchOps === 'title' ? 'Replace' : 'replace', value: renamed }]),
          );
    if (pathlessResponse !== undefined && decide(pathlessResponse) === 'accept' && (await isRenamed())) {
      // Where people are changed by PUT, the form of a PATCH is that of groups.
      const settings =
        update === 'put' || update === 'getThenPut' ? { protocol: { patchPaths: 'nested' as const } } : undefined;
      session.findings.add(
        finding('rename', `a group is renamed by PATCH without a path (${pathlessResponse.status})`, settings),
      );
      return true;
    }
    const { body } = await session.read(canary);
    const putResponse = await session.write('PUT', canary, putBody(body, renamed));
    if (decide(putResponse) === 'accept' && (await isRenamed())) {
      // Only a PATCH that is not known at all leaves PUT for everything: members may be another matter.
      const settings = decide(first) === 'unsupported' ? { protocol: { updateGroups: 'put' as const } } : undefined;
      session.findings.add(finding('rename', `a group is renamed by PUT (${putResponse.status})`, settings));
      return true;
    }
  }
  session.findings.add(
    finding('rename', 'a group keeps the name that it was made with', { supports: { groupNameImmutable: true } }),
  );
  return false;
}

export const groupsUsePatch = (session: ProbeSession): boolean =>
  usesPatch(session.findings.profile().protocol, 'Group');

export const memberIds = (body: unknown): readonly string[] | undefined => {
  const { members } = fromScimJson(body, ['members']);
  if (members === undefined) return undefined;
  const elements = Array.isArray(members) ? (members as readonly unknown[]) : [members];
  return elements.flatMap((element) => {
    const id = typeof element === 'object' && element !== null ? (element as { value?: unknown }).value : element;
    return typeof id === 'string' || typeof id === 'number' ? [String(id)] : [];
  });
};
