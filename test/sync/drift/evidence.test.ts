import { describe, expect, test } from '@jest/globals';
import type { RemoteResource } from '../../../src/model/outcome.ts';
import type { Target } from '../../../src/scim/target.ts';
import { companyOf, person } from '../pass-fixture.ts';
import { createDriftFixture, shadowed, type DriftFixture } from './drift-fixture.ts';

const repairAll = { attributes: { '*': 'repair', active: 'repair' }, members: 'repair', deleted: 'repair' } as const;
const company = companyOf(
  {
    p1: person('ada', { department: 'A' }),
    p2: person('bob', { department: 'B' }),
    p3: person('cy', { active: false }),
  },
  { g1: { name: 'Team', members: ['p1', 'p2'] } },
);

async function synced(wrap?: (target: Target) => Target): Promise<DriftFixture> {
  const fixture = createDriftFixture(repairAll, wrap);
  await fixture.pass(company);
  return fixture;
}

/** A target whose list shows each user in another way. */
const listing =
  (change: (resource: RemoteResource) => RemoteResource | undefined) =>
  (target: Target): Target =>
    shadowed(target, {
      async *list(...request: Parameters<Target['list']>) {
        const pages = target.list(...request);
        for (let step = await pages.next(); step.done !== true; step = await pages.next())
          yield step.value.flatMap((one) => change(one) ?? []);
        return { complete: true, requests: 1 };
      },
    });

describe('what a target shows wrongly is no difference', () => {
  test.each<[string, (target: Target) => Target]>([
    [
      'a list with old values',
      listing((one) => ({ ...one, body: { ...one.body, title: 'old' }, active: !one.active })),
    ],
    ['a list without attributes', listing(({ remoteId, active }) => ({ remoteId, active, body: {} }))],
    ['an empty list that claims to be complete', listing(() => undefined)],
    [
      'reads of groups without members',
      (target) =>
        shadowed(target, {
          async readKnown(...request) {
            const read = await target.readKnown(...request);
            if (read.kind !== 'present') return read;
            const { members: _, ...resource } = read.resource;
            return { kind: 'present', resource };
          },
          membersLeft: async () => ({ left: [], isComplete: false }),
        }),
    ],
    [
      'another tenant, which has no account',
      (target) =>
        shadowed(target, {
          readKnown: async () => ({ kind: 'missing' }),
          isThere: async () => false,
          list: target.list.bind(target),
        }),
    ],
    [
      'a target without a list, behind a gateway that answers 502',
      (target) =>
        shadowed(listing(() => undefined)(target), {
          readKnown: async () => ({ kind: 'unproven', detail: '502' }),
        }),
    ],
  ])('%s', async (_, wrap) => {
    using fixture = await synced(wrap);
    expect(await fixture.repair()).toEqual([]);
    expect(fixture.target.operationLog.slice(-1)).not.toContain('delete');
    expect(await fixture.pass(company)).toEqual([]);
  });
});

test('a value that the target keeps after a repair is reported, and not sent again', async () => {
  using fixture = await synced();
  const [account] = fixture.target.accounts.User.values();
  if (account !== undefined) account.body['title'] = 'kept';
  fixture.target.ignores = ({ action }) => action === 'update';
  expect(await fixture.repair()).toEqual(['changed User p1 title']);
  const sent = fixture.target.operationLog.length;
  expect(await fixture.repair()).toEqual(['changed User p1 title kept']);
  expect(fixture.target.operationLog.length).toBe(sent);
});

test('an account in doubt, and one that is planned again, are not compared', async () => {
  using fixture = await synced();
  fixture.target.simulate = () => 'lostBefore';
  await fixture.pass(
    companyOf({ p1: person('ada', { department: 'New' }), p2: 'bob' }, { g1: { name: 'Team', members: ['p1', 'p2'] } }),
  );
  for (const { body } of fixture.target.accounts.User.values()) body['title'] = 'by hand';
  expect(await fixture.check()).toEqual([]);
});
