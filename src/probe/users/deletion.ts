import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { stateAfterDelete } from '../cleanup.ts';
import type { MinimalUser } from './minimal-user.ts';
import { finding, undecided, type Finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { userResource } from './user-attributes.ts';
import type { GroupMembers } from '../groups/group-members.ts';

const topic = 'delete';

/** Deletes one person, looks, deletes again, and makes them anew. @returns whether an id that is nobody's is known now */
export async function probeDeletion(
  session: ProbeSession,
  canary: Canary,
  minimalUser: MinimalUser,
  groupMembers: GroupMembers | undefined,
): Promise<boolean> {
  const wasMember = (await groupMembers?.read())?.includes(canary.id) === true;
  const response = await session.write('DELETE', canary);
  if (decide(response) === 'denied') {
    session.findings.add(undecided(topic, `the credentials do not allow it: ${errorSummary(response)}`));
    return false;
  }
  if (decide(response) === 'unsupported') {
    session.findings.add(finding(topic, `refused, ${errorSummary(response)}`, { protocol: { deletion: 'never' } }));
    return false;
  }
  if (decide(response) !== 'accept') {
    session.findings.add(undecided(topic, `refused, ${errorSummary(response)}`));
    return false;
  }
  const readResponse = await session.readUntil(
    canary,
    (body) => body === undefined || stateOfBody(body, canary) !== 'there',
  );
  const state = stateAfterDelete(canary, readResponse);
  session.ledger.setState(canary, state);
  const readText = {
    gone: `${errorSummary(readResponse)}`,
    closed: 'shows the account closed',
    there: 'shows the account as it was',
  }[state];
  session.findings.add(finding(topic, `answered ${response.status}; a read afterwards: ${readText}`));
  const secondResponse = await session.write('DELETE', canary);
  session.findings.add(finding(topic, `a second time: ${errorSummary(secondResponse)}`));
  if (wasMember && groupMembers !== undefined)
    session.findings.add(...(await judgeMembershipsAfter(canary, groupMembers, state)));
  session.findings.add(...(await recreate(session, canary, minimalUser, state)));
  return state === 'gone';
}

const stateOfBody = (body: unknown, canary: Canary): string =>
  stateAfterDelete(canary, { kind: 'response', status: 200, headers: {}, body, text: '' });

async function judgeMembershipsAfter(
  canary: Canary,
  groupMembers: GroupMembers,
  state: string,
): Promise<readonly Finding[]> {
  const isMember = (await groupMembers.verify([], [canary.id])) === false;
  if (isMember) return [finding(topic, 'the memberships of somebody who is deleted stay and must be ended one by one')];
  return [
    finding(topic, `the memberships of somebody who is ${state === 'gone' ? 'deleted' : 'closed'} end by themselves`, {
      protocol: { deletionEndsMemberships: true },
    }),
  ];
}

/** Makes the same person anew: whether a name is free again tells a deletion from a closing that is not shown. */
async function recreate(
  session: ProbeSession,
  canary: Canary,
  minimalUser: MinimalUser,
  state: 'there' | 'gone' | 'closed',
): Promise<readonly Finding[]> {
  const { response, canary: recreated } = await session.create(
    'User',
    () => userResource(canary.name, minimalUser.requiredAttributes(canary.name)),
    {
      name: canary.name,
      handledStatuses: [429],
    },
  );
  const isSameAccount = recreated?.id === canary.id;
  if (isSameAccount) session.ledger.setState(canary, 'there');
  const description =
    recreated === undefined
      ? `the same userName again: refused, ${errorSummary(response)}`
      : isSameAccount
        ? `the same userName again: the same account is back (${response.status})`
        : `the same userName again: a new account with another id (${response.status})`;
  return [
    finding(topic, description),
    judgeDeletion(state, recreated === undefined ? 'refused' : isSameAccount ? 'back' : 'new'),
  ];
}

export function judgeDeletion(state: 'there' | 'gone' | 'closed', recreation: 'refused' | 'back' | 'new'): Finding {
  if (state === 'closed' || recreation === 'back')
    return finding(topic, 'DELETE only closes accounts', { protocol: { deletion: 'deactivates' } });
  if (state === 'there') return undecided(topic, 'DELETE is answered well, and the account is there all the same');
  if (recreation === 'refused')
    return undecided(topic, 'the account is gone, and its userName is not free: it may only be hidden');
  return finding(topic, 'DELETE deletes accounts');
}
