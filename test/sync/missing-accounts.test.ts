import { describe, expect, test } from '@jest/globals';
import { count, limitsOf, removalLimits } from '../world/limits.ts';
import { targetSpec } from './company.ts';
import { companyOf, createPassFixture, person, type PassFixture } from './pass-fixture.ts';

const keys = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'];
const company = (users: readonly string[], department: string, members: readonly string[] = []) =>
  companyOf(Object.fromEntries(users.map((key) => [key, person(key, { department })])), {
    g: { name: 'all', members },
  });
const before = company(keys, 'it', keys);
const after = company(keys, 'hr', keys);

/** Six accounts, of which the application has lost these. */
async function withMissing(lost: readonly string[], windowMs = 0): Promise<PassFixture> {
  const spec = targetSpec({});
  const guard = limitsOf(removalLimits(count(2)), windowMs);
  const fixture = createPassFixture({ spec: { ...spec, guard } });
  await fixture.pass(before);
  for (const [id, { body }] of fixture.target.accounts.User)
    if (lost.includes(String(body['userName']))) fixture.target.accounts.User.delete(id);
  return fixture;
}

const namesAt = ({ target }: PassFixture): readonly unknown[] =>
  [...target.accounts.User.values()].map(({ body }) => body['userName']).sort();
/** A membership of an account without an id leads to no request. */
const withoutMembers = (log: readonly string[]): readonly string[] => log.filter((line) => !/^members/.test(line));
const held = ({ report }: PassFixture) => report().reports[0]?.held ?? null;

describe('accounts that are missing at the target', () => {
  test('are created again by the next pass, as members of their groups', async () => {
    using fixture = await withMissing(['p1', 'p2']);
    await fixture.pass(after);
    expect(fixture.report().reports[0]).toMatchObject({ succeeded: 4, failed: 2 });
    expect(namesAt(fixture)).toEqual(['p3', 'p4', 'p5', 'p6']);
    expect(await fixture.planned(after)).toMatchObject([
      { operation: { action: 'create', key: 'p1', reason: 'is missing at the target' } },
      { operation: { action: 'create', key: 'p2' } },
      { operation: { action: 'members', add: [{ key: 'p1' }, { key: 'p2' }] } },
    ]);
    expect(await fixture.pass(after)).toEqual(['create User p1', 'create User p2', 'members Group g']);
    expect(namesAt(fixture)).toEqual(keys);
    expect(fixture.target.accounts.Group.get('r7')?.members.size).toBe(8);
    expect(await fixture.pass(after)).toEqual([]);
  });

  test('above the limit are held, and nothing is created again', async () => {
    using fixture = await withMissing(['p1', 'p2', 'p3']);
    await fixture.pass(after);
    expect(withoutMembers(await fixture.pass(after))).toEqual([]);
    expect(held(fixture)).toMatchObject({
      parts: ['recreations'],
      violations: [{ code: 'guard.recreations', count: 3, known: 6 }],
      removals: 3,
    });
    expect(namesAt(fixture)).toEqual(['p4', 'p5', 'p6']);
    expect(withoutMembers(await fixture.pass(after, { approval: { removals: 2 } }))).toEqual([]);
    await fixture.pass(after, { approval: { removals: 3 } });
    expect(namesAt(fixture)).toEqual(keys);
  });

  test('count together with removals', async () => {
    using fixture = await withMissing(['p1', 'p2']);
    await fixture.pass(after);
    const leaver = company(['p1', 'p2', 'p3', 'p4', 'p5'], 'hr', keys);
    await fixture.pass(leaver);
    expect(held(fixture)).toMatchObject({ parts: ['removals', 'recreations'], removals: 3 });
  });

  test('count within the window of the guard', async () => {
    using fixture = await withMissing(['p1', 'p2'], 3_600_000);
    await fixture.pass(after);
    await fixture.pass(after);
    expect(namesAt(fixture)).toEqual(keys);
    for (const [id, { body }] of fixture.target.accounts.User)
      if (body['userName'] === 'p4') fixture.target.accounts.User.delete(id);
    const changed = company(keys, 'ops', keys);
    await fixture.pass(changed);
    await fixture.pass(changed);
    expect(held(fixture)).toMatchObject({ parts: ['recreations'], violations: [{ count: 3 }] });
    fixture.wait(3_600_000);
    await fixture.pass(changed);
    expect(namesAt(fixture)).toEqual(keys);
  });

  test('and that the target has again are closed when their people leave', async () => {
    using fixture = await withMissing([]);
    const lost = [...fixture.target.accounts.User].slice(0, 1);
    for (const [id] of lost) fixture.target.accounts.User.delete(id);
    await fixture.pass(after);
    for (const [id, account] of lost) fixture.target.accounts.User.set(id, account);
    expect(await fixture.pass(company(keys.slice(1), 'hr', keys))).toContain('deactivate User p1');
    expect(fixture.target.accounts.User.get('r1')?.body['active']).toBe(false);
  });

  test('are gone for good when their people leave', async () => {
    using fixture = await withMissing(['p1']);
    await fixture.pass(after);
    const leaver = company(keys.slice(1), 'hr', keys);
    await fixture.pass(leaver);
    expect(fixture.report().reports[0]).toMatchObject({ failed: 0, succeeded: 1 });
    expect(await fixture.pass(leaver, { full: true })).toEqual([]);
  });

  test('are found by reading an account in doubt, and held in the same pass', async () => {
    using fixture = await withMissing([]);
    fixture.target.simulate = ({ action }) => (action === 'update' ? 'lostAfter' : 'answered');
    await fixture.pass(after);
    fixture.target.simulate = () => 'answered';
    fixture.target.accounts.User.clear();
    expect(withoutMembers(await fixture.pass(after))).toEqual([]);
    expect(held(fixture)).toMatchObject({ parts: ['recreations'], violations: [{ count: 6 }] });
    expect(namesAt(fixture)).toEqual([]);
  });
});
