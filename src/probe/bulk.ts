import { member } from '../model/shape.ts';
import { decide, sentence } from '../scim/response.ts';
import type { Reply } from '../scim/message.ts';
import type { Discovery } from '../scim/discovery.ts';
import type { Newcomer } from './creation.ts';
import { finding, undecided } from './finding.ts';
import { idAt, type Ground } from './ground.ts';
import { group } from './grouping.ts';
import { person } from './person.ts';
import { rosterBy, type Roster } from './roster.ts';

const about = 'bulk';

/** One small Bulk request (RFC 7644 section 3.7): a person, and a group that names them by their bulkId. Only where it is offered. */
export async function bulk(
  ground: Ground,
  newcomer: Newcomer,
  discovery: Discovery | undefined,
  roster: Roster | undefined,
): Promise<void> {
  if (discovery?.bulk?.supported !== true) {
    ground.book.note(finding(about, 'not offered, and not tried'));
    return;
  }
  const names = {
    User: ground.names.next('User'),
    ...(roster === undefined ? {} : { Group: ground.names.next('Group') }),
  };
  const { reply, isSent } = await send(ground, newcomer, names);
  if (!isSent) {
    ground.book.note(finding(about, `offered, and refused: ${sentence(reply)}`));
    return;
  }
  const made = await ground.adopt('User', names.User, idOf(reply, bulkIds.User));
  const born =
    names.Group === undefined ? undefined : await ground.adopt('Group', names.Group, idOf(reply, bulkIds.Group));
  if (made === undefined) {
    ground.book.note(undecided(about, `offered, and answered ${reply.status} without saying where the new person is`));
    return;
  }
  const isMember = born === undefined ? undefined : await rosterBy(ground, born, roster?.query).shows([made.id]);
  if (isMember === false) ground.book.note(undecided(about, 'offered, and a bulkId in a group is not resolved'));
  else
    ground.book.note(
      finding(about, `offered, and understood (${reply.status})${isMember === true ? ', references included' : ''}`, {
        speaks: { bulk: 'offered' },
        ...atMost(discovery.bulk.maxOperations, ground),
      }),
    );
}

const bulkIds = { User: 'canary1', Group: 'canary2' } as const;

async function send(
  ground: Ground,
  { least }: Newcomer,
  names: { readonly User: string; readonly Group?: string },
): Promise<{ readonly reply: Reply; readonly isSent: boolean }> {
  const { User: userName, Group: displayName } = names;
  const entries = [ground.ledger.intend('User', userName)];
  const operations = [
    {
      method: 'POST',
      path: ground.path('User'),
      bulkId: bulkIds.User as string,
      data: person(userName, least(userName)) as object,
    },
  ];
  if (displayName !== undefined) {
    entries.push(ground.ledger.intend('Group', displayName));
    operations.push({
      method: 'POST',
      path: ground.path('Group'),
      bulkId: bulkIds.Group,
      data: group(displayName, { members: [{ value: `bulkId:${bulkIds.User}` }] }),
    });
  }
  const reply = await ground.ask({
    method: 'POST',
    path: '/Bulk',
    body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: operations },
  });
  const isSent = decide(reply) === 'accept';
  if (!isSent && reply.status < 500) for (const entry of entries) entry.state = 'refused';
  return { reply, isSent };
}

/** RFC 7644 section 3.7.3: each result says where its resource is. */
function idOf(reply: Reply, bulkId: string): string | undefined {
  const results = member(reply.body, 'Operations');
  const result = Array.isArray(results)
    ? (results as unknown[]).find((each) => member(each, 'bulkId') === bulkId)
    : undefined;
  const location = member(result, 'location');
  return typeof location === 'string' ? idAt(location) : undefined;
}

function atMost(most: number | undefined, ground: Ground): { readonly allows?: { readonly bulkOperations: number } } {
  return most !== undefined && most > 0 && most < ground.book.profile().allows.bulkOperations
    ? { allows: { bulkOperations: most } }
    : {};
}
