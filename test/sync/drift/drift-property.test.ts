import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../../src/model/resource.ts';
import { randomRuns, randomRunsTimeoutMs } from '../../world/random-runs.ts';
import { companyOf, person } from '../pass-fixture.ts';
import { createDriftFixture, type DriftFixture } from './drift-fixture.ts';

const keys = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'] as const;

/** What a person does at the application. */
type HandChange =
  | { readonly kind: 'title'; readonly key: string; readonly value: string }
  | { readonly kind: 'active'; readonly key: string }
  | { readonly kind: 'member'; readonly key: string }
  | { readonly kind: 'delete'; readonly key: string };

const handChange: fc.Arbitrary<HandChange> = fc.oneof(
  // Of an inactive account only `active` is compared.
  fc.record({
    kind: fc.constant('title'),
    key: fc.constantFrom(...keys.slice(0, 5)),
    value: fc.constantFrom('Boss', 'Clerk'),
  }),
  fc.record({ kind: fc.constant('active'), key: fc.constantFrom(...keys) }),
  fc.record({ kind: fc.constant('member'), key: fc.constantFrom(...keys) }),
  // The first user stays, so that an absence can be proven.
  fc.record({ kind: fc.constant('delete'), key: fc.constantFrom(...keys.slice(1)) }),
);

const idOf = ({ target }: DriftFixture, key: string): string | undefined =>
  [...target.accounts.User].find(([, { body }]) => body['externalId'] === key)?.[0];

function apply(fixture: DriftFixture, change: HandChange): void {
  const { accounts } = fixture.target;
  const id = idOf(fixture, change.key);
  const account = id === undefined ? undefined : accounts.User.get(id);
  const group = [...accounts.Group.values()][0];
  if (id === undefined || account === undefined || group === undefined) return;
  if (change.kind === 'title') account.body['title'] = change.value;
  else if (change.kind === 'active') account.body['active'] = account.body['active'] === false;
  else if (change.kind === 'delete') {
    accounts.User.delete(id);
    group.members.delete(id);
  } else if (!group.members.delete(id)) group.members.add(id);
}

/** What the application holds, without ids. */
function held(fixture: DriftFixture): unknown {
  const { User, Group } = fixture.target.accounts;
  const users = [...User.values()].map(({ body }): Record<string, Json> => ({
    ...body,
    active: body['active'] ?? true,
  }));
  const nameOf = (id: string): Json => User.get(id)?.body['externalId'] ?? id;
  return {
    users: users.toSorted((one, other) => String(one['externalId']).localeCompare(String(other['externalId']))),
    groups: [...Group.values()].map(({ members }) => [...members].map(nameOf).sort()),
  };
}

test(
  'hand changes that the policy repairs end in the acknowledged state, and the next check finds nothing',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(handChange, { maxLength: 8 }), async (changes) => {
        using fixture = createDriftFixture({
          attributes: { '*': 'repair', active: 'repair' },
          members: 'repair',
          deleted: 'repair',
        });
        const allUsers = Object.fromEntries(keys.map((key) => [key, person(key, { department: `title of ${key}` })]));
        const team = { g1: { name: 'Team', members: ['p1', 'p2', 'p3', 'p6'] } };
        await fixture.pass(companyOf(allUsers, team));
        // A leaver, and a member whose membership ended.
        const later = companyOf(
          { ...allUsers, p6: person('p6', { department: 'title of p6', active: false }) },
          { g1: { name: 'Team', members: ['p1', 'p2'] } },
        );
        await fixture.pass(later);
        const before = held(fixture);
        for (const change of changes) apply(fixture, change);
        // A leaver whose account is gone has none afterwards.
        const isLeaverGone = idOf(fixture, 'p6') === undefined;
        await fixture.repair();
        const expected = JSON.parse(JSON.stringify(before)) as { users: Record<string, Json>[] };
        if (isLeaverGone) expected.users = expected.users.filter(({ externalId }) => externalId !== 'p6');
        expect(held(fixture)).toEqual(expected);
        expect(await fixture.check()).toEqual([]);
        expect(await fixture.pass(later)).toEqual([]);
      }),
      randomRuns(12),
    );
  },
  randomRunsTimeoutMs,
);
