import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../src/model/resource.ts';
import { createMembershipIndex } from '../../src/sandbox/resources/membership-index.ts';

test('after any sequence of changes, the index agrees with the member lists', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  const pool: Record<string, Json> = Object.fromEntries(ids.map((id) => [id, { value: id }]));
  const step = fc.record({
    group: fc.constantFrom('g', 'h'),
    members: fc.uniqueArray(fc.constantFrom(...ids)),
    fresh: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const memberships = createMembershipIndex();
      const lists: Record<string, readonly Json[] | undefined> = {};
      for (const { group, members, fresh } of steps) {
        const after = members.map((id): Json => (fresh ? { value: id } : (pool[id] ?? null)));
        memberships.update(group, lists[group], after.length === 0 ? undefined : after);
        lists[group] = after.length === 0 ? undefined : after;
      }
      for (const id of ids) {
        const holding = Object.keys(lists).filter((group) => JSON.stringify(lists[group] ?? []).includes(`"${id}"`));
        expect([...memberships.groupsOf(id)].sort()).toEqual(holding.sort());
      }
    }),
  );
});
