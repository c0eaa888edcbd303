import type { BulkMethod } from '../../model/profile.ts';
import type { Json } from '../../model/resource.ts';
import { getIgnoringCase, isBlank } from '../../model/scim-json.ts';
import { parseId } from '../../scim/encode/urls.ts';
import { decide, errorSummary } from '../../scim/judge/judge-response.ts';
import type { Response } from '../../scim/transport/message.ts';
import { isInactive, stateAfterDelete } from '../closing.ts';
import { finding, undecided } from '../finding.ts';
import type { GroupMembers } from '../groups/group-members.ts';
import type { Canary } from '../ledger.ts';
import type { ProbeSession } from '../session.ts';
import { patchBody } from './patch-variants.ts';
import { showsValues } from './patch-support.ts';
import { patchOperations, putBody } from './set-attributes.ts';

const topic = 'bulk';

export interface BulkSubjects {
  /** A user that is deleted at last. */
  readonly user: Canary;
  /** A group, if members are supported. */
  readonly groupMembers?: GroupMembers;
  /** A user that is not a member of the group. */
  readonly member: Canary;
}

type Effect = 'works' | 'fails' | 'notSeen';

/**
 * Sends PATCH, PUT and DELETE in one Bulk request each. A result with a 2xx status proves nothing: some targets execute
 * single requests only. What a later read shows counts.
 *
 * @returns the methods that work
 */
export async function probeBulkMethods(session: ProbeSession, subjects: BulkSubjects): Promise<readonly BulkMethod[]> {
  const experiments = [
    ['PATCH', () => probePatch(session, subjects)],
    ['PUT', () => probeAttribute(session, subjects.user, 'PUT')],
    ['DELETE', () => probeDelete(session, subjects.user)],
  ] as const;
  const methods: BulkMethod[] = [];
  for (const [method, run] of experiments) {
    const effect = await run();
    if (effect === 'works') {
      methods.push(method);
      session.findings.add(finding(topic, `${method}: works`));
    } else if (effect === 'notSeen')
      session.findings.add(undecided(topic, `${method}: not seen to work as a single request either, so not used`));
  }
  return methods;
}

async function probePatch(session: ProbeSession, { user, groupMembers, member }: BulkSubjects): Promise<Effect> {
  const effect = await probeAttribute(session, user, 'PATCH');
  if (effect === 'fails' || groupMembers?.method !== 'patch' || groupMembers.query === undefined) return effect;
  const members = await groupMembers.read();
  const singleResponse = members?.includes(member.id) === true ? await groupMembers.remove([member.id]) : undefined;
  if (singleResponse !== undefined && decide(singleResponse) !== 'accept') return effect;
  const { path, body } = groupMembers.patchRequest({ add: [member.id] });
  const response = await session.bulk([{ method: 'PATCH', path, data: body }]);
  if ((await groupMembers.verify([member.id])) === true) return 'works';
  session.findings.add(finding(topic, `PATCH of members: ${describe(response)}`));
  return 'fails';
}

/** Changes an attribute that a single request visibly changes. */
async function probeAttribute(session: ProbeSession, user: Canary, method: 'PATCH' | 'PUT'): Promise<Effect> {
  const { protocol } = session.findings.profile();
  for (const attribute of ['displayName', 'title', 'nickName', 'externalId']) {
    const bodyWith = async (value: string): Promise<object> => {
      const values: Readonly<Record<string, Json>> = { [attribute]: value };
      return method === 'PATCH'
        ? patchBody(patchOperations(protocol, values))
        : putBody((await session.read(user)).body, values);
    };
    const isShown = async (value: string): Promise<boolean> => {
      const expected = { [attribute]: value };
      return showsValues((await session.readUntil(user, (body) => showsValues(body, expected))).body, expected);
    };
    const single = await session.write(method, user, await bodyWith('Single Canary'));
    if (decide(single) !== 'accept' || !(await isShown('Single Canary'))) continue;
    const path = session.path('User', user.id);
    const response = await session.bulk([{ method, path, data: await bodyWith('Bulk Canary') }]);
    if (await isShown('Bulk Canary')) return 'works';
    session.findings.add(finding(topic, `${method}: ${describe(response)}`));
    return 'fails';
  }
  return 'notSeen';
}

async function probeDelete(session: ProbeSession, user: Canary): Promise<Effect> {
  const response = await session.bulk([{ method: 'DELETE', path: session.path('User', user.id) }]);
  const readResponse = await session.readUntil(user, (body) => !isBlank(body) && (!isUser(body) || isInactive(body)));
  const state = stateAfterDelete(user, readResponse);
  if (state === 'deleted') session.ledger.setState(user, 'deleted');
  if (state === 'deleted' || state === 'deactivated') return 'works';
  session.findings.add(
    state === 'present'
      ? finding(topic, `DELETE: ${describe(response)}`)
      : undecided(topic, `DELETE: a read does not show the effect: ${errorSummary(readResponse)}`),
  );
  return 'fails';

  function isUser(body: unknown): boolean {
    return parseId(getIgnoringCase(body, 'id')) === user.id;
  }
}

/** The result of the only operation, or the error of the whole Bulk request. */
function describe(response: Response): string {
  if (decide(response) !== 'accept') return `refused, ${errorSummary(response)}`;
  const results = getIgnoringCase(response.body, 'Operations');
  const status = Array.isArray(results) ? getIgnoringCase(results[0], 'status') : undefined;
  const text = typeof status === 'string' || typeof status === 'number' ? String(status) : 'no status';
  return text.startsWith('2') ? `answered ${text}, without effect` : `refused, ${text}`;
}
