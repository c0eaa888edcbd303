import { member } from '../model/shape.ts';
import { decide, sentence } from '../scim/response.ts';
import type { Discovery } from '../scim/discovery.ts';
import type { Newcomer } from './creation.ts';
import { finding, undecided } from './finding.ts';
import type { Ground } from './ground.ts';
import { group } from './grouping.ts';
import { person } from './person.ts';
import { rosterBy, type Roster } from './roster.ts';

const about = 'bulk';

/** One small Bulk request (RFC 7644 section 3.7): a person, and a group that names them by their bulkId. Only where it is offered. */
export async function bulk(ground: Ground, newcomer: Newcomer, discovery: Discovery | undefined, roster: Roster | undefined): Promise<void> {
  if (discovery?.bulk?.supported !== true) {
    ground.book.note(finding(about, 'not offered, and not tried'));
    return;
  }
  const [userName, displayName] = [ground.names.next('User'), ground.names.next('Group')];
  const entries = [ground.ledger.intend('User', userName), ...(roster === undefined ? [] : [ground.ledger.intend('Group', displayName)])];
  const operations = [
    { method: 'POST', path: ground.path('User'), bulkId: 'canary1', data: person(userName, newcomer.least(userName)) },
    ...(roster === undefined ? [] : [{ method: 'POST', path: ground.path('Group'), bulkId: 'canary2', data: group(displayName, { members: [{ value: 'bulkId:canary1' }] }) }]),
  ];
  const reply = await ground.ask({ method: 'POST', path: '/Bulk', body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: operations } });
  if (decide(reply) !== 'accept') {
    if (reply.status < 500) for (const entry of entries) entry.state = 'gone';
    ground.book.note(finding(about, `offered, and refused: ${sentence(reply)}`));
    return;
  }
  const results = member(reply.body, 'Operations');
  const idOf = (bulkId: string): string | undefined => {
    const result = Array.isArray(results) ? (results as unknown[]).find((each) => member(each, 'bulkId') === bulkId) : undefined;
    const location = member(result, 'location');
    return typeof location === 'string' ? decodeURIComponent(location.replace(/[?#].*$/, '').replace(/\/+$/, '').split('/').at(-1) ?? '') : undefined;
  };
  const made = await ground.adopt('User', userName, idOf('canary1'));
  const born = roster === undefined ? undefined : await ground.adopt('Group', displayName, idOf('canary2'));
  if (made === undefined) {
    ground.book.note(undecided(about, `offered, and answered ${reply.status} without saying where the new person is`));
    return;
  }
  const isMember = born === undefined ? undefined : await rosterBy(ground, born, roster?.query).shows([made.id]);
  if (isMember === false) {
    ground.book.note(undecided(about, 'offered, and a bulkId in a group is not resolved'));
    return;
  }
  ground.book.note(finding(about, `offered, and understood (${reply.status})${isMember === true ? ', references included' : ''}`, { speaks: { bulk: 'offered' } }));
  const most = discovery.bulk.maxOperations;
  if (most !== undefined && most > 0 && most < ground.book.profile().allows.bulkOperations) ground.book.note(finding(about, `at most ${most} operations in one request, it says`, { allows: { bulkOperations: most } }));
}
