import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { parseId } from '../../scim/encode/urls.ts';
import { isInactive, showsCanary, stateAfterDelete } from '../closing.ts';
import type { MinimalUser } from './minimal-user.ts';
import { finding, undecided, type Finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary, CanaryState } from '../ledger.ts';
import { userResource } from './user-attributes.ts';
import type { GroupMembers } from '../groups/group-members.ts';

const topic = 'delete';

/** Deletes a user, reads it, deletes it again, and creates it again. @returns whether its id is now unused */
export async function probeDeletion(
  session: ProbeSession,
  canary: Canary,
  minimalUser: MinimalUser,
  groupMembers: GroupMembers | undefined,
): Promise<boolean> {
  const wasMember = (await groupMembers?.read())?.includes(canary.id) === true;
  // An invited user is inactive from the beginning: then inactivity does not show an effect of DELETE.
  const wasInactive = isInactive((await session.read(canary)).body);
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
  const readResponse = await session.readUntil(canary, (body) => !isActiveCanary(body, canary));
  const state = wasInactive && showsCanary(canary, readResponse) ? 'present' : stateAfterDelete(canary, readResponse);
  if (state === 'unknown') {
    session.findings.add(
      undecided(
        topic,
        `answered ${response.status}, but a read does not show the effect: ${errorSummary(readResponse)}`,
      ),
    );
    return false;
  }
  session.ledger.setState(canary, state);
  const readText = {
    deleted: errorSummary(readResponse),
    deactivated: 'the user is inactive',
    present: 'the user is unchanged',
  }[state];
  session.findings.add(finding(topic, `answered ${response.status}; then a read: ${readText}`));
  const secondResponse = await session.write('DELETE', canary);
  session.findings.add(finding(topic, `a second DELETE: ${errorSummary(secondResponse)}`));
  if (wasMember && groupMembers !== undefined)
    session.findings.add(...(await judgeMembershipsAfter(canary, groupMembers, state)));
  session.findings.add(...(await recreate(session, canary, minimalUser, state)));
  return state === 'deleted';
}

const isActiveCanary = (body: unknown, canary: Canary): boolean =>
  parseId(getIgnoringCase(body, 'id')) === canary.id && !isInactive(body);

async function judgeMembershipsAfter(
  canary: Canary,
  groupMembers: GroupMembers,
  state: CanaryState,
): Promise<readonly Finding[]> {
  const isRemoved = await groupMembers.verify([], [canary.id]);
  if (isRemoved === undefined)
    return [undecided(topic, 'the group could not be read: the effect on memberships is not visible')];
  if (!isRemoved)
    return [finding(topic, 'a deleted user stays a member of groups: memberships must be removed one by one')];
  return [
    finding(topic, `the target removes the memberships of a ${state === 'deleted' ? 'deleted' : 'deactivated'} user`, {
      protocol: { deletionEndsMemberships: true },
    }),
  ];
}

/** Creates a user with the same userName: if it is still reserved, DELETE may only hide users. */
async function recreate(
  session: ProbeSession,
  canary: Canary,
  minimalUser: MinimalUser,
  state: CanaryState,
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
  if (isSameAccount) session.ledger.setState(canary, 'present');
  const description =
    recreated === undefined
      ? `a new create with the same userName: refused, ${errorSummary(response)}`
      : isSameAccount
        ? `a new create with the same userName: restores the user with its id (${response.status})`
        : `a new create with the same userName: a user with another id (${response.status})`;
  return [
    finding(topic, description),
    judgeDeletion(state, recreated === undefined ? 'refused' : isSameAccount ? 'sameId' : 'newId'),
  ];
}

/** @param state of the user after DELETE @param recreation result of a create with the same userName */
export function judgeDeletion(state: CanaryState, recreation: 'refused' | 'sameId' | 'newId'): Finding {
  if (state === 'deactivated' || recreation === 'sameId')
    return finding(topic, 'DELETE deactivates users and does not remove them', {
      protocol: { deletion: 'deactivates' },
    });
  if (state === 'present') return undecided(topic, 'DELETE is accepted, but the user still exists');
  if (recreation === 'refused')
    return undecided(topic, 'the user is not found, but its userName is reserved: it may only be hidden');
  return finding(topic, 'DELETE removes users');
}
