import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { remoteId, type RemoteId } from '../../../src/model/ids.ts';
import { toScimJson } from '../../../src/model/scim-json.ts';
import type { Operation } from '../../../src/model/operation.ts';
import type { Profile } from '../../../src/model/profile.ts';
import { createTarget, type Target } from '../../../src/scim/target.ts';
import { toResponse, type Send } from '../../../src/scim/transport/message.ts';
import type { PreparedOperation } from '../../../src/scim/operation-context.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { profilesFolder } from '../../config/fixtures.ts';
import { builtInProfile } from '../../world/profile.ts';
import {
  create,
  hurriedClock,
  idOf,
  idsFor,
  members,
  never,
  operationContext,
  person,
  remove,
  secret,
  update,
} from '../fixtures.ts';

const profiles = readdirSync(profilesFolder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/, ''));
const methods = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];
const refusals = [403, 405, 412, 501];
const allStatuses = [400, 404, 409, 413, 428, 429, 500, ...refusals];

/** Misbehaviours that refuse requests, whatever the profile. */
const refusing = [25, 48, 53, 54, 61, 74];

/** An operation sends no more requests than this: retries, look-ups, fallbacks and verification included. */
const maxRequests = 24;

const body = {
  userName: 'ada',
  externalId: 'ada',
  active: true,
  title: 'x',
  'emails[type eq "work"].value': 'a@x.example',
};
const operations: readonly Operation[] = [
  create('eve', { ...body, userName: 'eve', externalId: 'eve' }),
  update(
    'ada',
    [
      ['title', 'x', 'y'],
      ['emails[type eq "work"].value', 'a@x.example', 'b@x.example'],
    ],
    body,
  ),
  { ...update('ada', [['active', true, false]], body), action: 'deactivate' },
  {
    ...update(
      'ada',
      [
        ['active', false, true],
        ['title', 'x', 'z'],
      ],
      body,
    ),
    action: 'reactivate',
  },
  update('eng', [['displayName', 'eng', 'engineering']], { externalId: 'eng' }, 'Group'),
  members(['ada'], ['bob']),
  remove('ada'),
  remove('eng', 'Group'),
];

async function world(profile: Profile, misbehaviours: readonly number[], intercept?: (send: Send) => Send) {
  const clock = hurriedClock();
  const sandbox = await startSandbox({ clock, random: () => 0.5, token: 't', profile, misbehaviours });
  const { users, groups } = sandbox.seed({
    users: ['ada', 'bob'].map((key) => toScimJson('User', { ...body, userName: key, externalId: key })),
    groups: [{ displayName: 'eng', externalId: 'eng' }],
  });
  const ids = new Map([...users, ...groups].map((one) => [String(one['externalId']), remoteId(one.id)]));
  const target = createTarget(
    {
      name: 'app',
      url: sandbox.url,
      profile: { ...profile, limits: { ...profile.limits, requestsPerSecond: 1000, quotas: [] } },
      auth: { type: 'bearer', token: secret('t') },
      timeoutMs: 2000,
      version: '1',
    },
    { clock, random: () => 0.5, ...(intercept === undefined ? {} : { intercept }) },
  );
  return { target, sandbox, ids };
}

/** Sends an operation as src/sync does: with the members of the group, where the target asks for them. */
async function requestsOf(target: Target, operation: Operation, ids: ReadonlyMap<string, RemoteId>): Promise<number> {
  const id = ids.get(operation.key);
  const prepared: PreparedOperation = {
    ...operationContext(operation, {
      knownResource: operation.resourceType === 'User' ? body : { displayName: 'eng' },
    }),
    ids: idsFor(operation, (_, key) => ids.get(key)),
    ...(id === undefined ? {} : { remoteId: id }),
  };
  const withMembers = { ...prepared, members: [{ member: person('bob'), id: ids.get('bob') ?? idOf('bob') }] };
  const first = await target.perform(prepared, never);
  const second = first.outcome.kind === 'needsMembers' ? await target.perform(withMembers, never) : undefined;
  expect(second?.outcome.kind).not.toBe('needsMembers');
  return first.requests + (second?.requests ?? 0);
}

describe.each(profiles)('%s: every exchange ends', (name) => {
  const profile = builtInProfile(name);

  test.each(methods)('%s is refused', async (method) => {
    let status = 0;
    const { target, sandbox, ids } = await world(
      profile,
      [],
      (send) =>
        async (request, ...rest) =>
          request.method === method ? toResponse(status, {}, JSON.stringify({ status })) : send(request, ...rest),
    );
    const counts: Record<string, number> = {};
    for (status of name === 'generic' ? allStatuses : refusals) {
      for (const operation of operations)
        counts[`${status} ${operation.action} ${operation.resourceType}`] = await requestsOf(target, operation, ids);
    }
    target.close();
    await sandbox.close();
    expect(Object.entries(counts).filter(([, count]) => count > maxRequests)).toEqual([]);
  });

  test('an application misbehaves', async () => {
    const counts: Record<string, number> = {};
    for (const number of refusing) {
      const { target, sandbox, ids } = await world(profile, [number]);
      for (const operation of operations)
        counts[`${number} ${operation.action} ${operation.resourceType}`] = await requestsOf(target, operation, ids);
      target.close();
      await sandbox.close();
    }
    expect(Object.entries(counts).filter(([, count]) => count > maxRequests)).toEqual([]);
  });
});
