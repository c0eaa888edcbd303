import { expect, test } from '@jest/globals';
import type { TargetSpec } from '../../src/sync/context.ts';
import { profile, targetSpec } from './company.ts';
import { companyOf, createPassFixture, person } from './pass-fixture.ts';

const withProfile = (changes: {
  readonly supports?: Partial<TargetSpec['profile']['supports']>;
  readonly protocol?: Partial<TargetSpec['profile']['protocol']>;
  readonly limits?: Partial<TargetSpec['profile']['limits']>;
}): Partial<TargetSpec> => ({
  profile: {
    ...profile,
    supports: { ...profile.supports, ...changes.supports },
    protocol: { ...profile.protocol, ...changes.protocol },
    limits: { ...profile.limits, ...changes.limits },
  },
});

/** The source does not change: the plan follows from the rules alone. */
test.each<[string, Partial<TargetSpec>, Partial<TargetSpec>, readonly string[]]>([
  // case, rules before, rules after, planned operations
  ['the same rules', {}, {}, []],
  ['leavers are deleted', {}, { leavers: targetSpec({ action: 'delete' }).leavers }, ['delete User p2']],
  [
    'leavers are no longer kept',
    { leavers: targetSpec({ action: 'keep' }).leavers },
    { leavers: targetSpec({ action: 'deactivate' }).leavers },
    ['deactivate User p2'],
  ],
  [
    'groups that left are deleted',
    { leavers: targetSpec({ groups: 'keep' }).leavers },
    { leavers: targetSpec({ groups: 'delete' }).leavers },
    ['delete Group g2'],
  ],
  [
    'the target no longer compares case',
    withProfile({ supports: { caseInsensitive: ['title'] } }),
    withProfile({ supports: { caseInsensitive: [] } }),
    ['update User p1'],
  ],
  [
    'the target can delete users now',
    { ...withProfile({ protocol: { deletion: 'never' } }), leavers: targetSpec({ action: 'delete' }).leavers },
    { ...withProfile({ protocol: { deletion: 'deletes' } }), leavers: targetSpec({ action: 'delete' }).leavers },
    ['delete User p2'],
  ],
  [
    'a group may have more members',
    withProfile({ limits: { membersPerGroup: 1 } }),
    withProfile({ limits: { membersPerGroup: 3 } }),
    ['members Group g1'],
  ],
  [
    'another scope',
    {},
    { compileMapping: targetSpec({}, { users: `user.userName != 'cyd'` }).compileMapping },
    ['deactivate User p3', 'members Group g1'],
  ],
])('%s', async (_, before, after, planned) => {
  using fixture = createPassFixture({ spec: { ...targetSpec({}), ...before } });
  const users = { p1: person('ada', { department: 'IT' }), p3: person('cyd') };
  const members = ['p1', 'p2', 'p3'];
  await fixture.pass(
    companyOf({ ...users, p2: 'bob' }, { g1: { name: 'red', members }, g2: { name: 'blue', members: [] } }),
  );
  const company = companyOf(
    { ...users, p1: person('ada', { department: 'it' }) },
    { g1: { name: 'red', members: members.filter((key) => key !== 'p2') } },
  );
  await fixture.pass(company);
  expect(await fixture.pass(company)).toEqual([]);
  fixture.spec = { ...fixture.spec, ...after };
  const operations = await fixture.planned(company);
  expect(operations.map(({ operation: { action, resourceType, key } }) => `${action} ${resourceType} ${key}`)).toEqual(
    planned,
  );
  expect(await fixture.pass(company)).toEqual(planned);
  expect(await fixture.pass(company)).toEqual([]);
});
