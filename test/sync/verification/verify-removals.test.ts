import { describe, expect, test } from '@jest/globals';
import type { Operation } from '../../../src/model/operation.ts';
import { companyOf, createPassFixture, type PassFixture } from '../pass-fixture.ts';

const staff = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, `p${index}`]));
const onlyBoss = companyOf({ boss: 'boss' });

/** All users but the boss leave; the application answers every deactivation with success. */
async function leavers(count: number, applies: (operation: Operation) => boolean): Promise<PassFixture> {
  const fixture = createPassFixture();
  await fixture.pass(companyOf({ ...staff(count), boss: 'boss' }));
  fixture.target.ignores = (operation) => operation.action === 'deactivate' && !applies(operation);
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
    // The random number 0.5 is above the share of 5 %.
    using fixture = await leavers(80, () => true);
    expect(reportOf(fixture)).toMatchObject({ succeeded: 80, failed: 0, verifications: 50 });
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
    // One read each, and one more after a pause for each contradiction.
    expect(reportOf(fixture)?.verifications).toBe(82);
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
