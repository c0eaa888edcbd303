import { coreGroupSchema } from '../../model/path.ts';
import type { FlatResource } from '../../model/resource.ts';
import { fromScimJson } from '../../model/scim-json.ts';
import { parseListResponse } from '../../scim/read/list-response.ts';
import type { Response } from '../../scim/transport/message.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { toPatchForm } from '../../scim/encode/patch-form.ts';
import { setAttributes, usesPatch, putBody } from '../protocol/set-attributes.ts';
import { judgeDuplicate } from '../protocol/duplicate.ts';
import { failureText, finding, undecided, type Finding } from '../finding.ts';
import type { Creation } from '../canaries.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { probeLookups, readGroupNames } from '../protocol/lookup.ts';
import { patchBody } from '../protocol/patch-variants.ts';
import { showsValues } from '../protocol/patch-support.ts';

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
  if (!hasGroups)
    return [finding(topic, `groups are not supported: ${errorSummary(listResponse)}`, { supports: { groups: false } })];
  if (['denied', 'unsupported', 'notFound'].includes(decide(minimal.response)))
    return [finding(topic, `groups are read-only: ${reason}`, { supports: { groupsReadOnly: true } })];
  return [undecided(topic, `no group could be created: ${reason}`)];
}

/** Experiments on a group's attributes, except its members. */
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

/** Renames the group and restores its name. The new name still has the canary prefix. */
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
    session.findings.add(finding('rename', `the previous name is refused: ${errorSummary(restoreResponse)}`));
}

async function tryOtherRenames(
  session: ProbeSession,
  canary: Canary,
  renamed: { readonly displayName: string },
  isRenamed: () => Promise<boolean>,
  first: Response,
): Promise<boolean> {
  session.findings.add(
    finding('rename', `${groupsUsePatch(session) ? 'PATCH' : 'PUT'} of a group's displayName: ${failureText(first)}`),
  );
  if (groupsUsePatch(session)) {
    const { patchOps, patchPaths, update } = session.findings.profile().protocol;
    const pathlessResponse =
      patchPaths === 'nested'
        ? undefined
        : await session.write(
            'PATCH',
            canary,
            patchBody(
              toPatchForm([{ op: 'replace', path: 'displayName', value: renamed.displayName }], {
                patchOps,
                patchPaths: 'nested',
              }),
            ),
          );
    if (pathlessResponse !== undefined && decide(pathlessResponse) === 'accept' && (await isRenamed())) {
      // If users are updated by PUT, patchPaths applies to groups only.
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
      // Only if PATCH is not supported at all, members are updated by PUT too.
      const settings = decide(first) === 'unsupported' ? { protocol: { updateGroups: 'put' as const } } : undefined;
      session.findings.add(finding('rename', `a group is renamed by PUT (${putResponse.status})`, settings));
      return true;
    }
  }
  session.findings.add(
    finding('rename', 'displayName of a group is immutable', { supports: { groupNameImmutable: true } }),
  );
  return false;
}

/** Whether the profile found so far updates groups by PATCH. */
export const groupsUsePatch = (session: ProbeSession): boolean =>
  usesPatch(session.findings.profile().protocol, 'Group');

/** Ids of the members in a group resource. @returns undefined if it has no `members` */
export const memberIds = (body: unknown): readonly string[] | undefined => {
  const { members } = fromScimJson(body, ['members']);
  if (members === undefined) return undefined;
  const elements = Array.isArray(members) ? (members as readonly unknown[]) : [members];
  return elements.flatMap((element) => {
    const id = typeof element === 'object' && element !== null ? (element as { value?: unknown }).value : element;
    return typeof id === 'string' || typeof id === 'number' ? [String(id)] : [];
  });
};
