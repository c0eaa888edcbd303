import { describe, expect, test } from '@jest/globals';
import type { Operation } from '../../../src/model/operation.ts';
import { companyOf, createPassFixture, type PassFixture } from '../pass-fixture.ts';

const staff = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, `p${index}`]));
const onlyBoss = companyOf({ boss: 'boss' });

/** All users but the boss leave; the application answers every deactivation with success. */
async function leavers(
  count: number,
  applies: (operation: Operation) => boolean,
  isListable = false,
): Promise<PassFixture> {
  const fixture = createPassFixture();
  await fixture.pass(companyOf({ ...staff(count), boss: 'boss' }));
  fixture.target.ignores = (operation) => operation.action === 'deactivate' && !applies(operation);
  fixture.target.isListable = isListable;
  await fixture.pass(onlyBoss);
  return fixture;
}

const activeAccounts = ({ target }: PassFixture): number =>
  [...target.accounts.User.values()].filter(({ body }) => body['active'] !== false).length;
const reportOf = (fixture: PassFixture) => fixture.report().reports[0];

describe('removals are read back', () => {
  test('an honest application: each removal once, up to the limit', async () => {
    using fixture = await leavers(5, () => true);
    expect(reportOf(fixture)).toMatchObject({ succeeded: 5, failed: 0, verifications: 5 });
  });

  test('beyond the limit only a share', async () => {
    using fixture = await leavers(80, () => true);
    // A list that is not complete, 50, and 5 % of the others without the request of the list.
    expect(reportOf(fixture)).toMatchObject({ succeeded: 80, failed: 0, verifications: 51 });
  });

  test('beyond the limit by one list of all users, where it is complete', async () => {
    using fixture = await leavers(80, ({ key }) => key !== 'p70', true);
    // The list, and two reads of the account that it shows as active.
    expect(reportOf(fixture)).toMatchObject({ succeeded: 79, failed: 1, verifications: 3 });
    fixture.target.ignores = () => false;
    expect(await fixture.pass(onlyBoss)).toEqual(['deactivate User p70']);
    expect(activeAccounts(fixture)).toBe(1);
  });

  test('those that were only answered in later passes, until each was read', async () => {
    using fixture = await leavers(160, () => true);
    const open = [...fixture.target.accounts.User.values()].find(({ body }) => body['userName'] === 'p99');
    if (open !== undefined) open.body['active'] = true;
    const before = fixture.target.counters.verifications;
    const failures: (number | undefined)[] = [];
    for (let pass = 0; pass < 5; pass += 1) {
      fixture.wait(600_000);
      await fixture.pass(onlyBoss);
      failures.push(reportOf(fixture)?.failed);
    }
    expect(failures.filter((failed) => failed === 1)).toHaveLength(1);
    expect(activeAccounts(fixture)).toBe(1);
    const reads = fixture.target.counters.verifications - before;
    expect(reads).toBeGreaterThanOrEqual(160);
    expect(reads).toBeLessThan(5 * 60 + 160);
    fixture.wait(600_000);
    await fixture.pass(onlyBoss);
  });

  test('an account that stays active keeps the duty to remove it', async () => {
    using fixture = await leavers(3, ({ key }) => key !== 'p1');
    expect(reportOf(fixture)).toMatchObject({ succeeded: 2, failed: 1 });
    expect(await fixture.pass(onlyBoss)).toEqual(['deactivate User p1']);
    expect(reportOf(fixture)).toMatchObject({ failed: 1 });
    fixture.target.ignores = () => false;
    expect(await fixture.pass(onlyBoss)).toEqual(['deactivate User p1']);
    expect(reportOf(fixture)).toMatchObject({ succeeded: 1, failed: 0 });
    expect(activeAccounts(fixture)).toBe(1);
    expect(await fixture.pass(onlyBoss)).toEqual([]);
  });

  test('one contradiction reads all of them', async () => {
    using fixture = await leavers(80, ({ key }) => key !== 'p3' && key !== 'p70');
    expect(reportOf(fixture)).toMatchObject({ succeeded: 78, failed: 2 });
    // One list that is not complete, one read each, and one more after a pause for each contradiction.
    expect(reportOf(fixture)?.verifications).toBe(83);
  });

  test('a second look, ten minutes later, finds an account that became active again', async () => {
    using fixture = await leavers(2, () => true);
    const first = [...fixture.target.accounts.User.values()].find(({ body }) => body['userName'] === 'p0');
    if (first !== undefined) first.body['active'] = true;
    expect(await fixture.pass(onlyBoss)).toEqual([]);
    expect(reportOf(fixture)).toMatchObject({ failed: 0, verifications: 0 });
    fixture.wait(600_000);
    expect(await fixture.pass(onlyBoss)).toEqual(['deactivate User p0']);
    expect(reportOf(fixture)).toMatchObject({ failed: 1, succeeded: 1 });
    expect(activeAccounts(fixture)).toBe(1);
    expect(await fixture.pass(onlyBoss)).toEqual([]);
  });

  test('a third look is not needed', async () => {
    using fixture = await leavers(2, () => true);
    fixture.wait(600_000);
    const before = { ...fixture.target.counters };
    await fixture.pass(onlyBoss);
    expect(fixture.target.counters).toMatchObject({
      requests: before.requests,
      verifications: before.verifications + 2,
    });
    fixture.wait(600_000);
    await fixture.pass(onlyBoss);
    expect(fixture.target.counters.verifications).toBe(before.verifications + 2);
  });
});
