import type { BulkMethod } from '../../model/profile.ts';
import { getIgnoringCase } from '../../model/scim-json.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import type { Response } from '../../scim/transport/message.ts';
import type { Discovery } from '../../scim/read/discovery.ts';
import { createAnotherUser, type MinimalUser } from '../users/minimal-user.ts';
import { finding, undecided } from '../finding.ts';
import { idFromLocation, isRefusal } from '../canaries.ts';
import type { Canary } from '../ledger.ts';
import type { BulkOperation, ProbeSession } from '../session.ts';
import { groupResource } from '../groups/groups.ts';
import { userResource } from '../users/user-attributes.ts';
import { createGroupMembers, type GroupMembers } from '../groups/group-members.ts';
import { probeBulkMethods } from './bulk-methods.ts';

const topic = 'bulk';
const bulkMethods: readonly BulkMethod[] = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** Sends Bulk requests (RFC 7644 section 3.7) if discovery offers Bulk: creates first, then each other method. */
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
  const creation = await probeCreates(session, minimalUser, groupMembers);
  if (creation === 'unsupported') return;
  const user = creation.user ?? (await createAnotherUser(session, minimalUser));
  const others =
    user === undefined
      ? []
      : await probeBulkMethods(session, {
          user,
          ...(creation.group === undefined || groupMembers === undefined
            ? {}
            : { groupMembers: createGroupMembers(session, creation.group, groupMembers.query, groupMembers.method) }),
          member: minimalUser.canary,
        });
  const methods = bulkMethods.filter((method) => (method === 'POST' ? creation.works : others.includes(method)));
  if (methods.length === 0) {
    session.findings.add(undecided(topic, 'announced, but no method was seen to work inside Bulk'));
    return;
  }
  session.findings.add(
    finding(topic, `methods that work inside Bulk: ${methods.join(', ')}`, {
      protocol: { bulk: 'offered', bulkMethods: methods },
      ...maxOperationsSetting(discovery.bulk.maxOperations, session),
    }),
  );
}

interface BulkCreation {
  /** Whether users, and groups that reference them by bulkId, are created. */
  readonly works: boolean;
  readonly user?: Canary;
  readonly group?: Canary;
}

/** Creates a user, and a group with that user's bulkId as its member. */
async function probeCreates(
  session: ProbeSession,
  minimalUser: MinimalUser,
  groupMembers: GroupMembers | undefined,
): Promise<BulkCreation | 'unsupported'> {
  const names = {
    User: session.names.next('User'),
    ...(groupMembers === undefined ? {} : { Group: session.names.next('Group') }),
  };
  const response = await sendCreates(session, minimalUser, names);
  if (decide(response) !== 'accept') {
    session.findings.add(finding(topic, `announced, but refused: ${errorSummary(response)}`));
    return ['notFound', 'unsupported', 'denied'].includes(decide(response)) ? 'unsupported' : { works: false };
  }
  const user = await session.recordCreated('User', names.User, createdIdOf(response, bulkIds.User));
  const group =
    names.Group === undefined
      ? undefined
      : await session.recordCreated('Group', names.Group, createdIdOf(response, bulkIds.Group));
  if (user === undefined) {
    session.findings.add(
      undecided(topic, `POST: answered ${response.status}, but without the location of the new user`),
    );
    return { works: false };
  }
  const isMember =
    group === undefined
      ? undefined
      : await createGroupMembers(session, group, groupMembers?.query, 'patch').verify([user.id]);
  session.findings.add(
    isMember === false
      ? finding(topic, 'POST: works, but a bulkId in a group is not resolved')
      : finding(topic, `POST: works (${response.status})${isMember === true ? ', including bulkId references' : ''}`),
  );
  return { works: isMember !== false, user, ...(group === undefined ? {} : { group }) };
}

const bulkIds = { User: 'canary1', Group: 'canary2' } as const;

async function sendCreates(
  session: ProbeSession,
  { requiredAttributes }: MinimalUser,
  names: { readonly User: string; readonly Group?: string },
): Promise<Response> {
  const { User: userName, Group: displayName } = names;
  const entries = [session.ledger.recordIntent('User', userName)];
  const operations: BulkOperation[] = [
    {
      method: 'POST',
      path: session.path('User'),
      bulkId: bulkIds.User,
      data: userResource(userName, requiredAttributes(userName)),
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
  const response = await session.bulk(operations);
  if (isRefusal(response)) for (const entry of entries) entry.state = 'refused';
  return response;
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
