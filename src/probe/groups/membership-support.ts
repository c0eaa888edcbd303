import type { Response } from '../../scim/transport/message.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { failureText, finding, undecided, type Finding, type ProfileSettings } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import { groupResource, groupsUsePatch } from './groups.ts';
import type { Canary } from '../ledger.ts';
import { probeAddForms } from './add-members.ts';
import {
  probeCreateWithMembers,
  discoverGroupMembers,
  createGroupMembers,
  type GroupMembers,
} from './group-members.ts';

const topic = 'members';

/** Result of the experiments with members. */
export interface MembershipSupport {
  readonly groupMembers: GroupMembers;
  /** Whether the target accepts members, even if reads do not return them. */
  readonly isSupported: boolean;
}

/**
 * Experiments with the members of the canary group: PATCH first, then PUT, whichever updates other attributes.
 * @param userIds ids of at least one canary; limits are tested with more than one
 */
export async function probeMemberships(
  session: ProbeSession,
  canary: Canary,
  userIds: readonly string[],
): Promise<MembershipSupport> {
  const [first = '', second] = userIds;
  const groupMembers = await probeAddForms(session, canary, first, second);
  if (
    groupMembers === undefined ||
    (groupMembers.query === undefined && (await showsOtherMembers(session, canary, first)))
  )
    return probeMembersByPut(session, canary, userIds);
  session.findings.add(judgeMemberVisibility(groupMembers));
  if (groupMembers.method === 'patch') {
    await probeRemoveForms(session, groupMembers, first);
    await probeRequestSizes(session, groupMembers, userIds);
    await probeAddTwice(session, groupMembers, first);
  }
  await probeCreateWithMembers(session, userIds, groupMembers.query);
  return { groupMembers, isSupported: true };
}

/**
 * Whether reads show a member that a create or a PUT sets. If so, the target returns members, and has ignored the PATCH
 * that was answered with success.
 */
async function showsOtherMembers(session: ProbeSession, canary: Canary, id: string): Promise<boolean> {
  const { canary: other } = await session.create('Group', (name) => groupResource(name, { members: [{ value: id }] }));
  if (other !== undefined && (await discoverGroupMembers(session, other, id, 'patch')).query !== undefined) return true;
  const response = await createGroupMembers(session, canary, undefined, 'put').put([id]);
  return decide(response) === 'accept' && (await discoverGroupMembers(session, canary, id, 'put')).query !== undefined;
}

function judgeMemberVisibility({ query }: GroupMembers): Finding {
  if (query === undefined)
    return finding(topic, 'reads of a group do not return members', { protocol: { returnsMembers: false } });
  const parameters = Object.entries(query)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  return parameters === ''
    ? finding(topic, 'reads of a group return members')
    : finding(topic, `reads of a group return members with the query ${parameters}`, {
        protocol: { groupReadQuery: query },
      });
}

async function probeRemoveForms(session: ProbeSession, groupMembers: GroupMembers, id: string): Promise<void> {
  const working: ('filter' | 'list')[] = [];
  const unverified: ('filter' | 'list')[] = [];
  for (const form of ['filter', 'list'] as const) {
    await groupMembers.add([id]);
    const response = await groupMembers.patch({ remove: [id] }, { removeMembers: form });
    const isRemoved = decide(response) === 'accept' ? await groupMembers.verify([], [id]) : false;
    if (isRemoved === true) working.push(form);
    if (isRemoved === undefined) unverified.push(form);
    session.findings.add(finding(topic, `remove in the form ${form}: ${describeRemoval(response, isRemoved)}`));
  }
  const best = [...working, ...unverified][0];
  if (best === undefined) session.findings.add(undecided(topic, 'no tested request removes a member'));
  else if (best !== 'filter')
    session.findings.add(
      finding(topic, 'the profile removes members in the form list', { protocol: { removeMembers: best } }),
    );
}

function describeRemoval(response: Response, isRemoved: boolean | undefined): string {
  if (decide(response) !== 'accept') return `refused, ${errorSummary(response)}`;
  return isRemoved === true
    ? `works (${response.status})`
    : isRemoved === false
      ? `answered ${response.status}, without effect`
      : `answered ${response.status}, the effect is not visible`;
}

/** Detects how many members one request may add and remove. A few canaries show small limits only. */
async function probeRequestSizes(
  session: ProbeSession,
  groupMembers: GroupMembers,
  userIds: readonly string[],
): Promise<void> {
  if (userIds.length < 2) {
    session.findings.add(
      undecided(topic, 'several members in one request were not tested: only one user could be created'),
    );
    return;
  }
  const sizes = [...new Set([userIds.length, 2])].filter((size) => size <= userIds.length);
  await removeAll(groupMembers, userIds);
  const maxAdded = await largestAccepted(session, sizes, userIds, async (ids) => {
    const response = await groupMembers.add(ids);
    return { response, isDone: decide(response) === 'accept' ? await groupMembers.verify(ids) : false };
  });
  session.findings.add(judgeLimit('add', maxAdded, userIds.length, { limits: { membersPerRequest: maxAdded } }));
  for (const id of userIds) await groupMembers.add([id]);
  const maxRemoved = await largestAccepted(session, sizes, userIds, async (ids) => {
    const response = await groupMembers.remove(ids);
    return { response, isDone: decide(response) === 'accept' ? await groupMembers.verify([], ids) : false };
  });
  session.findings.add(
    judgeLimit(
      'remove',
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
    session.findings.add(finding(topic, `${size} members in one request: ${failureText(response)}`));
  }
  return 1;
}

function judgeLimit(action: 'add' | 'remove', max: number, tried: number, settings: ProfileSettings): Finding {
  return max === tried
    ? finding(topic, `one request may ${action} ${max} members; more were not tested`)
    : finding(topic, `one request may ${action} at most ${max} ${max === 1 ? 'member' : 'members'}`, settings);
}

async function probeAddAndRemoveTogether(
  session: ProbeSession,
  groupMembers: GroupMembers,
  [one = '', two = '']: readonly string[],
): Promise<void> {
  await groupMembers.add([one]);
  await groupMembers.remove([two]);
  const response = await groupMembers.patch({ add: [two], remove: [one] });
  const isDone = decide(response) === 'accept' ? await groupMembers.verify([two], [one]) : false;
  if (isDone === false)
    session.findings.add(
      finding(topic, `add and remove in one request: ${failureText(response)}`, {
        limits: { addAndRemoveTogether: false },
      }),
    );
  else
    session.findings.add(finding(topic, `add and remove in one request ${isDone === true ? 'works' : 'is accepted'}`));
}

async function probeAddTwice(session: ProbeSession, groupMembers: GroupMembers, id: string): Promise<void> {
  await groupMembers.add([id]);
  const response = await groupMembers.add([id]);
  const members = await groupMembers.read();
  const times = members?.filter((each) => each === id).length;
  const description =
    decide(response) === 'accept'
      ? `answered ${response.status}${times === undefined ? '' : `, listed ${times === 1 ? 'once' : `${times} times`}`}`
      : `refused, ${errorSummary(response)}`;
  session.findings.add(finding(topic, `add of an existing member: ${description}`));
}

async function removeAll(groupMembers: GroupMembers, userIds: readonly string[]): Promise<void> {
  const members = (await groupMembers.read()) ?? userIds;
  for (const id of userIds) if (members.includes(id)) await groupMembers.remove([id]);
}

/** Tests PUT of the group, if PATCH does not change members. */
async function probeMembersByPut(
  session: ProbeSession,
  canary: Canary,
  userIds: readonly string[],
): Promise<MembershipSupport> {
  const response = await createGroupMembers(session, canary, undefined, 'put').put(userIds);
  const groupMembers = await discoverGroupMembers(session, canary, userIds[0] ?? '', 'put');
  const isVerified = decide(response) === 'accept' ? await groupMembers.verify(userIds) : false;
  if (isVerified === false) {
    session.findings.add(undecided(topic, `neither PATCH nor PUT adds members: PUT was ${failureText(response)}`));
    return { groupMembers, isSupported: false };
  }
  const settings: ProfileSettings = groupsUsePatch(session)
    ? { protocol: { updateGroups: groupMembers.query === undefined ? 'put' : 'getThenPut' } }
    : {};
  session.findings.add(
    finding(
      topic,
      isVerified === true
        ? 'members are updated by PUT of the group'
        : 'a PUT of the group is accepted; the effect on members is not visible',
      settings,
    ),
  );
  session.findings.add(judgeMemberVisibility(groupMembers));
  await probeCreateWithMembers(session, userIds, groupMembers.query);
  return { groupMembers, isSupported: true };
}
