import { coreGroupSchema } from '../model/path.ts';
import type { Body } from '../model/resource.ts';
import { readBody } from '../model/shape.ts';
import { readList } from '../scim/list-response.ts';
import type { Reply } from '../scim/message.ts';
import { decide, sentence } from '../scim/response.ts';
import { change, isByPatch, replaced } from './change.ts';
import { judgeDuplicate } from './duplicate.ts';
import { finding, undecided, type Finding } from './finding.ts';
import type { Creation, Ground } from './ground.ts';
import type { Canary } from './ledger.ts';
import { lookups, readNames } from './lookup.ts';
import { patchOf } from './forms.ts';
import { isShown } from './patching.ts';

const about = 'group';

/** A group as it is sent. */
export const group = (displayName: string, more: object = {}): object => ({
  schemas: [coreGroupSchema],
  displayName,
  ...more,
});

/** Makes the canary group. @returns undefined where there are no groups, or none that we may make */
export async function firstGroup(ground: Ground): Promise<Canary | undefined> {
  const listed = await ground.ask({
    method: 'GET',
    path: ground.path('Group'),
    query: { startIndex: '1', count: '1' },
  });
  const creation = await ground.create('Group', (name) => group(name, { externalId: `x-${name}` }));
  const plain = creation.canary === undefined ? await ground.create('Group', (name) => group(name)) : creation;
  ground.book.note(...judgeFirstGroup(listed, creation, plain));
  return plain.canary;
}

export function judgeFirstGroup(listed: Reply, creation: Creation, plain: Creation): readonly Finding[] {
  if (creation.canary !== undefined)
    return [finding(about, `a group without members is made by POST, answered ${creation.reply.status}`)];
  if (plain.canary !== undefined)
    return [
      finding(about, `a group is made by POST, but not with an externalId: ${sentence(creation.reply)}`, {
        speaks: { matchGroups: ['displayName'] },
      }),
    ];
  const hasGroups = decide(listed) === 'accept' && readList(listed) !== undefined;
  const why = sentence(plain.reply);
  if (!hasGroups) return [finding(about, `there are no groups: ${sentence(listed)}`, { holds: { groups: false } })];
  if (['denied', 'unsupported', 'missing'].includes(decide(plain.reply)))
    return [finding(about, `groups are shown, and cannot be made: ${why}`, { holds: { givenGroups: true } })];
  return [undecided(about, `no group could be made: ${why}`)];
}

/** Everything about a group but its members. */
export async function groupOutside(ground: Ground, canary: Canary): Promise<void> {
  const read = await ground.readUntil(canary, (body) => readNames(body)['displayName'] !== undefined);
  const kept = readNames(read.body);
  if (decide(read) !== 'accept')
    ground.book.note(undecided(about, `a group that was just made cannot be read: ${sentence(read)}`));
  else if (kept['externalId'] === undefined) ground.book.note(finding(about, 'a group has no externalId there'));
  await lookups(
    ground,
    'Group',
    canary,
    { externalId: `x-${canary.name}`, ...kept },
    ['externalId', 'displayName'],
    kept,
  );
  await sameName(ground, canary);
  await patchGroup(ground, canary, kept);
}

async function sameName(ground: Ground, canary: Canary): Promise<void> {
  const { reply, canary: second } = await ground.create('Group', () => group(canary.name), {
    name: canary.name,
    taken: [429],
  });
  ground.book.note(...judgeDuplicate('Group', reply, canary, second, undefined, ground.book.profile().speaks));
}

/** A new name for the group, which keeps the canary's own as its beginning; then the old one again. */
async function patchGroup(ground: Ground, canary: Canary, kept: Body): Promise<void> {
  if (kept['displayName'] === undefined) return;
  const renamed = { displayName: `${canary.name} renamed` };
  const reply = await change(ground, canary, renamed);
  const isRenamed = async (): Promise<boolean> =>
    isShown((await ground.readUntil(canary, (body) => isShown(body, renamed))).body, renamed);
  if (decide(reply) === 'accept' && (await isRenamed())) {
    ground.book.note(finding('rename', `a group is renamed by ${isPatch(ground) ? 'PATCH' : 'PUT'} (${reply.status})`));
  } else if (!(await renameOtherwise(ground, canary, renamed, isRenamed, reply))) return;
  const back = await change(ground, canary, { displayName: canary.name });
  if (decide(back) !== 'accept')
    ground.book.note(finding('rename', `it does not take its first name back: ${sentence(back)}`));
}

async function renameOtherwise(
  ground: Ground,
  canary: Canary,
  renamed: Body,
  isRenamed: () => Promise<boolean>,
  first: Reply,
): Promise<boolean> {
  const said =
    decide(first) === 'accept' ? `answered ${first.status}, and the name stays` : `refused, ${sentence(first)}`;
  ground.book.note(finding('rename', `${isPatch(ground) ? 'PATCH' : 'PUT'} of a group's name: ${said}`));
  if (isPatch(ground)) {
    const { patchOps, patchPaths, update } = ground.book.profile().speaks;
    const pathless =
      patchPaths === 'nested'
        ? undefined
        : await ground.write(
            'PATCH',
            canary,
            patchOf([{ op: patchOps === 'title' ? 'Replace' : 'replace', value: renamed }]),
          );
    if (pathless !== undefined && decide(pathless) === 'accept' && (await isRenamed())) {
      // Where people are changed by PUT, the form of a PATCH is that of groups.
      const words =
        update === 'put' || update === 'getThenPut' ? { speaks: { patchPaths: 'nested' as const } } : undefined;
      ground.book.note(finding('rename', `a group is renamed by PATCH without a path (${pathless.status})`, words));
      return true;
    }
    const { body } = await ground.read(canary);
    const put = await ground.write('PUT', canary, replaced(body, renamed));
    if (decide(put) === 'accept' && (await isRenamed())) {
      // Only a PATCH that is not known at all leaves PUT for everything: members may be another matter.
      const words = decide(first) === 'unsupported' ? { speaks: { updateGroups: 'put' as const } } : undefined;
      ground.book.note(finding('rename', `a group is renamed by PUT (${put.status})`, words));
      return true;
    }
  }
  ground.book.note(
    finding('rename', 'a group keeps the name that it was made with', { holds: { groupNames: 'stay' } }),
  );
  return false;
}

export const isPatch = (ground: Ground): boolean => isByPatch(ground.book.profile().speaks, 'Group');

export const memberIds = (body: unknown): readonly string[] | undefined => {
  const { members } = readBody(body, ['members']);
  if (members === undefined) return undefined;
  const elements = Array.isArray(members) ? (members as readonly unknown[]) : [members];
  return elements.flatMap((element) => {
    const id = typeof element === 'object' && element !== null ? (element as { value?: unknown }).value : element;
    return typeof id === 'string' || typeof id === 'number' ? [String(id)] : [];
  });
};
