import { getIgnoringCase } from '../../model/scim-json.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import type { Response } from '../../scim/transport/message.ts';
import type { Discovery } from '../../scim/read/discovery.ts';
import type { MinimalUser } from '../users/minimal-user.ts';
import { finding, undecided } from '../finding.ts';
import { idFromLocation } from '../canaries.ts';
import type { ProbeSession } from '../session.ts';
import { groupResource } from '../groups/groups.ts';
import { userResource } from '../users/user-attributes.ts';
import { createGroupMembers, type GroupMembers } from '../groups/group-members.ts';

const topic = 'bulk';

/**
 * Sends one Bulk request (RFC 7644 section 3.7) if discovery offers Bulk: a user, and a group with that user's bulkId
 * as its member.
 */
export async function probeBulk(
  session: ProbeSession,
  minimalUser: MinimalUser,
  discovery: Discovery | undefined,
  groupMembers: GroupMembers | undefined,
): Promise<void> {
  if (discovery?.bulk?.supported !== true) {
    session.findings.add(finding(topic, 'not announced by discovery, not tested'));
    return;
  }
  const names = {
    User: session.names.next('User'),
    ...(groupMembers === undefined ? {} : { Group: session.names.next('Group') }),
  };
  const { response, isAccepted } = await sendBulk(session, minimalUser, names);
  if (!isAccepted) {
    session.findings.add(finding(topic, `announced, but refused: ${errorSummary(response)}`));
    return;
  }
  const newUser = await session.recordCreated('User', names.User, createdIdOf(response, bulkIds.User));
  const newGroup =
    names.Group === undefined
      ? undefined
      : await session.recordCreated('Group', names.Group, createdIdOf(response, bulkIds.Group));
  if (newUser === undefined) {
    session.findings.add(
      undecided(topic, `announced and answered ${response.status}, but without the location of the new user`),
    );
    return;
  }
  const isMember =
    newGroup === undefined
      ? undefined
      : await createGroupMembers(session, newGroup, groupMembers?.query, 'patch').verify([newUser.id]);
  if (isMember === false) session.findings.add(undecided(topic, 'announced, but a bulkId in a group is not resolved'));
  else
    session.findings.add(
      finding(
        topic,
        `announced and supported (${response.status})${isMember === true ? ', including bulkId references' : ''}`,
        {
          protocol: { bulk: 'offered' },
          ...maxOperationsSetting(discovery.bulk.maxOperations, session),
        },
      ),
    );
}

const bulkIds = { User: 'canary1', Group: 'canary2' } as const;

async function sendBulk(
  session: ProbeSession,
  { requiredAttributes }: MinimalUser,
  names: { readonly User: string; readonly Group?: string },
): Promise<{ readonly response: Response; readonly isAccepted: boolean }> {
  const { User: userName, Group: displayName } = names;
  const entries = [session.ledger.recordIntent('User', userName)];
  const operations = [
    {
      method: 'POST',
      path: session.path('User'),
      bulkId: bulkIds.User as string,
      data: userResource(userName, requiredAttributes(userName)) as object,
    },
  ];
  if (displayName !== undefined) {
    entries.push(session.ledger.recordIntent('Group', displayName));
    operations.push({
      method: 'POST',
      path: session.path('Group'),
      bulkId: bulkIds.Group,
      data: groupResource(displayName, { members: [{ value: `bulkId:${bulkIds.User}` }] }),
    });
  }
  const response = await session.send({
    method: 'POST',
    path: '/Bulk',
    body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: operations },
  });
  const isAccepted = decide(response) === 'accept';
  if (!isAccepted && response.status < 500) for (const entry of entries) entry.state = 'refused';
  return { response, isAccepted };
}

/** RFC 7644 section 3.7.3: each result holds the location of its resource. */
function createdIdOf(response: Response, bulkId: string): string | undefined {
  const results = getIgnoringCase(response.body, 'Operations');
  const result = Array.isArray(results)
    ? (results as unknown[]).find((each) => getIgnoringCase(each, 'bulkId') === bulkId)
    : undefined;
  const location = getIgnoringCase(result, 'location');
  return typeof location === 'string' ? idFromLocation(location) : undefined;
}

function maxOperationsSetting(
  maxOperations: number | undefined,
  session: ProbeSession,
): { readonly limits?: { readonly maxBulkOperations: number } } {
  return maxOperations !== undefined &&
    maxOperations > 0 &&
    maxOperations < session.findings.profile().limits.maxBulkOperations
    ? { limits: { maxBulkOperations: maxOperations } }
    : {};
}
