import type { Profile } from '../../model/profile.ts';
import type { Response } from '../../scim/transport/message.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { finding, undecided, type Finding, type ProfileSettings } from '../finding.ts';
import { patchBody } from '../protocol/patch-variants.ts';
import type { ProbeSession } from '../session.ts';
import { groupsUsePatch } from './groups.ts';
import type { Canary } from '../ledger.ts';
import {
  addOperations,
  probeCreateWithMembers,
  discoverGroupMembers,
  opName,
  removeOperations,
  createGroupMembers,
  type GroupMembers,
} from './group-members.ts';

const topic = 'members';

/** What is known of a group's members once they were tried. */
export interface MembershipSupport {
  readonly groupMembers: GroupMembers;
  /** Whether somebody can be made a member and be seen to be one, or at least is accepted. */
  readonly isSupported: boolean;
}

/** Everything about the members of the canary group. @param userIds ids of canaries, at least one; more than one for what takes several */
export async function probeMemberships(
  session: ProbeSession,
  canary: Canary,
  userIds: readonly string[],
): Promise<MembershipSupport> {
  const [first = ''] = userIds;
  const groupMembers = groupsUsePatch(session) ? await probeAddForms(session, canary, first) : undefined;
  if (groupMembers === undefined) return probeMembersByPut(session, canary, userIds);
  session.findings.add(judgeMemberVisibility(groupMembers));
  await probeRemoveForms(session, groupMembers, first);
  await probeRequestSizes(session, groupMembers, userIds);
  await probeAddTwice(session, groupMembers, first);
  await probeCreateWithMembers(session, userIds, groupMembers.query);
  return { groupMembers, isSupported: true };
}

function judgeMemberVisibility({ query }: GroupMembers): Finding {
  if (query === undefined)
    return finding(topic, 'a group that is read never shows its members', { protocol: { returnsMembers: false } });
  const parameters = Object.entries(query)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  return parameters === ''
    ? finding(topic, 'a group that is read shows its members')
    : finding(topic, `a group shows its members when it is asked with ${parameters}`, {
        protocol: { groupReadQuery: query },
      });
}

type AddForm = Profile['protocol']['addMembers'];

/** A form of "add" that is taken. */
interface AcceptedAdd {
  readonly form: AddForm;
  readonly groupMembers: GroupMembers;
  /** Whether a read shows that somebody was added. */
  readonly isVerified: boolean;
}

/** Tries the forms of "add" one after the other. @returns undefined where none is taken */
async function probeAddForms(session: ProbeSession, canary: Canary, id: string): Promise<GroupMembers | undefined> {
  let bestAdd: AcceptedAdd | undefined;
  for (const form of ['list', 'object', 'noPath'] as const) {
    if (bestAdd?.groupMembers.query !== undefined) await removeByAnyForm(session, bestAdd.groupMembers, id);
    const taken = await tryAdd(session, canary, form, id, bestAdd?.groupMembers);
    if (bestAdd === undefined || (taken?.isVerified === true && !bestAdd.isVerified)) bestAdd = taken;
  }
  if (bestAdd?.isVerified !== true) bestAdd = (await tryAddWithSubAttributes(session, canary, id)) ?? bestAdd;
  if (bestAdd === undefined) return undefined;
  if (bestAdd.form !== session.findings.profile().protocol.addMembers)
    session.findings.add(
      finding(topic, `members are added as ${bestAdd.form}`, { protocol: { addMembers: bestAdd.form } }),
    );
  return bestAdd.groupMembers;
}

async function tryAdd(
  session: ProbeSession,
  canary: Canary,
  form: AddForm,
  id: string,
  knownMembers: GroupMembers | undefined,
): Promise<AcceptedAdd | undefined> {
  const response = await session.write('PATCH', canary, patchBody([addOperations[form](opName(session, 'add'), [id])]));
  if (decide(response) !== 'accept') {
    session.findings.add(finding(topic, `adding as ${form}: refused, ${errorSummary(response)}`));
    return undefined;
  }
  const groupMembers =
    knownMembers?.query === undefined ? await discoverGroupMembers(session, canary, id) : knownMembers;
  const isVerified = (await groupMembers.verify([id])) === true;
  const effect = isVerified
    ? `understood (${response.status})`
    : `answered ${response.status}, ${groupMembers.query === undefined ? 'and not to be seen' : 'and nobody is added'}`;
  session.findings.add(finding(topic, `adding as ${form}: ${effect}`));
  return { form, groupMembers, isVerified };
}

/** Some add nobody, without a word, unless it is said what kind of member it is. */
async function tryAddWithSubAttributes(
  session: ProbeSession,
  canary: Canary,
  id: string,
): Promise<AcceptedAdd | undefined> {
  const subAttributes = { type: 'User', display: 'Scimsync Canary' };
  const response = await session.write(
    'PATCH',
    canary,
    patchBody([addOperations.list(opName(session, 'add'), [id], subAttributes)]),
  );
  if (decide(response) !== 'accept') return undefined;
  const groupMembers = await discoverGroupMembers(session, canary, id);
  if (groupMembers.query === undefined) return undefined;
  session.findings.add(
    finding(topic, 'somebody is added only with type and display', {
      protocol: { memberSubAttributes: ['display', 'type'] },
    }),
  );
  return { form: 'list', groupMembers, isVerified: true };
}

/** Takes somebody out by whichever form does it, so that the next try starts from nobody. */
async function removeByAnyForm(session: ProbeSession, groupMembers: GroupMembers, id: string): Promise<void> {
  const op = opName(session, 'remove');
  for (const form of ['filter', 'list'] as const) {
    await groupMembers.patch(removeOperations[form](op, [id]));
    if ((await groupMembers.read())?.includes(id) !== true) return;
  }
}

async function probeRemoveForms(session: ProbeSession, groupMembers: GroupMembers, id: string): Promise<void> {
  const working: ('filter' | 'list')[] = [];
  const unverified: ('filter' | 'list')[] = [];
  for (const form of ['filter', 'list'] as const) {
    await groupMembers.add([id]);
    const response = await groupMembers.patch(removeOperations[form](opName(session, 'remove'), [id]));
    const isRemoved = decide(response) === 'accept' ? await groupMembers.verify([], [id]) : false;
    if (isRemoved === true) working.push(form);
    if (isRemoved === undefined) unverified.push(form);
    session.findings.add(finding(topic, `removing by ${form}: ${describeRemoval(response, isRemoved)}`));
  }
  const best = [...working, ...unverified][0];
  if (best === undefined) session.findings.add(undecided(topic, 'nothing that was tried ends a membership'));
  else if (best !== 'filter')
    session.findings.add(finding(topic, 'members are removed by a list', { protocol: { removeMembers: best } }));
}

function describeRemoval(response: Response, isRemoved: boolean | undefined): string {
  if (decide(response) !== 'accept') return `refused, ${errorSummary(response)}`;
  return isRemoved === true
    ? `understood (${response.status})`
    : isRemoved === false
      ? `answered ${response.status}, and nobody is removed`
      : `answered ${response.status}, and not to be seen`;
}

/** How many begin, end, and do both in one request. With a handful of canaries only small limits are seen. */
async function probeRequestSizes(
  session: ProbeSession,
  groupMembers: GroupMembers,
  userIds: readonly string[],
): Promise<void> {
  if (userIds.length < 2) {
    session.findings.add(undecided(topic, 'several at once were not tried: only one person could be made'));
    return;
  }
  const sizes = [...new Set([userIds.length, 2])].filter((size) => size <= userIds.length);
  await removeAll(groupMembers, userIds);
  const maxAdded = await largestAccepted(session, sizes, userIds, async (ids) => {
    const response = await groupMembers.add(ids);
    return { response, isDone: decide(response) === 'accept' ? await groupMembers.verify(ids) : false };
  });
  session.findings.add(judgeLimit('added', maxAdded, userIds.length, { limits: { membersPerRequest: maxAdded } }));
  for (const id of userIds) await groupMembers.add([id]);
  const maxRemoved = await largestAccepted(session, sizes, userIds, async (ids) => {
    const response = await groupMembers.remove(ids);
    return { response, isDone: decide(response) === 'accept' ? await groupMembers.verify([], ids) : false };
  });
  session.findings.add(
    judgeLimit(
      'removed',
      maxRemoved,
      userIds.length,
      maxRemoved === maxAdded ? {} : { limits: { removalsPerRequest: maxRemoved } },
    ),
  );
  await probeAddAndRemoveTogether(session, groupMembers, userIds);
}

async function largestAccepted(
  session: ProbeSession,
  sizes: readonly number[],
  userIds: readonly string[],
  attempt: (ids: readonly string[]) => Promise<{ readonly response: Response; readonly isDone: boolean | undefined }>,
): Promise<number> {
  for (const size of sizes) {
    const { response, isDone } = await attempt(userIds.slice(0, size));
    if (isDone !== false) return size;
    session.findings.add(
      finding(
        topic,
        `${size} in one request: ${decide(response) === 'accept' ? `answered ${response.status}, and not done` : `refused, ${errorSummary(response)}`}`,
      ),
    );
  }
  return 1;
}

function judgeLimit(action: string, max: number, tried: number, settings: ProfileSettings): Finding {
  return max === tried
    ? finding(topic, `${max} are ${action} by one request; more were not tried`)
    : finding(topic, `at most ${max} ${max === 1 ? 'is' : 'are'} ${action} by one request`, settings);
}

async function probeAddAndRemoveTogether(
  session: ProbeSession,
  groupMembers: GroupMembers,
  [one = '', two = '']: readonly string[],
): Promise<void> {
  await groupMembers.add([one]);
  await groupMembers.remove([two]);
  const { removeMembers } = session.findings.profile().protocol;
  const response = await groupMembers.patch([
    ...removeOperations[removeMembers](opName(session, 'remove'), [one]),
    groupMembers.addOperation([two]),
  ]);
  const isDone = decide(response) === 'accept' ? await groupMembers.verify([two], [one]) : false;
  if (isDone === false)
    session.findings.add(
      finding(
        topic,
        `adding and removing in one request: ${decide(response) === 'accept' ? 'answered well, and not done' : `refused, ${errorSummary(response)}`}`,
        { limits: { addAndRemoveTogether: false } },
      ),
    );
  else
    session.findings.add(
      finding(topic, `adding and removing in one request is ${isDone === true ? 'understood' : 'taken'}`),
    );
}

async function probeAddTwice(session: ProbeSession, groupMembers: GroupMembers, id: string): Promise<void> {
  await groupMembers.add([id]);
  const response = await groupMembers.add([id]);
  const members = await groupMembers.read();
  const times = members?.filter((each) => each === id).length;
  const description =
    decide(response) === 'accept'
      ? `answered ${response.status}${times === undefined ? '' : times === 1 ? ', and is one once' : `, and is one ${times} times`}`
      : `refused, ${errorSummary(response)}`;
  session.findings.add(finding(topic, `somebody who is a member already: ${description}`));
}

async function removeAll(groupMembers: GroupMembers, userIds: readonly string[]): Promise<void> {
  const members = (await groupMembers.read()) ?? userIds;
  for (const id of userIds) if (members.includes(id)) await groupMembers.remove([id]);
}

/** Where PATCH does nothing for members: the whole group. */
async function probeMembersByPut(
  session: ProbeSession,
  canary: Canary,
  userIds: readonly string[],
): Promise<MembershipSupport> {
  const response = await createGroupMembers(session, canary, undefined).put(userIds);
  if (decide(response) !== 'accept') {
    session.findings.add(
      undecided(topic, `nobody can be made a member, neither by PATCH nor by PUT: ${errorSummary(response)}`),
    );
    return { groupMembers: createGroupMembers(session, canary, undefined), isSupported: false };
  }
  const groupMembers = await discoverGroupMembers(session, canary, userIds[0] ?? '');
  const isVerified = await groupMembers.verify(userIds);
  const settings: ProfileSettings = groupsUsePatch(session)
    ? { protocol: { updateGroups: groupMembers.query === undefined ? 'put' : 'getThenPut' } }
    : {};
  session.findings.add(
    finding(
      topic,
      isVerified === true
        ? 'members are changed by PUT of the whole group'
        : 'a PUT of the whole group is taken, and its members are not to be seen',
      settings,
    ),
  );
  session.findings.add(judgeMemberVisibility(groupMembers));
  await probeCreateWithMembers(session, userIds, groupMembers.query);
  return { groupMembers, isSupported: true };
}
