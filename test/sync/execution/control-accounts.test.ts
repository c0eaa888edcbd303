import { expect, test } from '@jest/globals';
import { companyOf, createPassFixture } from '../pass-fixture.ts';

const staff = (from: number, count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${from + index}`, `p${from + index}`]));

test('an account that is not found proves nothing while no other account is found', async () => {
  using fixture = createPassFixture();
  await fixture.pass(companyOf(staff(0, 20)));
  const { User } = fixture.target.accounts;
  const stored = [...User];
  User.clear();
  for (const _pass of [1, 2]) {
    await fixture.pass(companyOf(staff(5, 15)));
    expect(fixture.report().reports[0]).toMatchObject({ succeeded: 0, failed: 5 });
  }
  for (const [id, account] of stored) User.set(id, account);
  await fixture.pass(companyOf(staff(5, 15)));
  expect(fixture.report().reports[0]).toMatchObject({ failed: 0 });
  const active = [...User.values()].filter(({ body }) => body['active'] !== false);
  expect(new Set(active.map(({ body }) => body['userName']))).toEqual(new Set(Object.keys(staff(5, 15))));
});

test('an account that is missing while others are there is done, and a second look finds it again', async () => {
  using fixture = createPassFixture();
  await fixture.pass(companyOf(staff(0, 3)));
  const { User } = fixture.target.accounts;
  const [entry] = [...User].filter(([, { body }]) => body['userName'] === 'p0');
  if (entry === undefined) throw new Error('p0 has no account');
  User.delete(entry[0]);
  await fixture.pass(companyOf(staff(1, 2)));
  expect(fixture.report().reports[0]).toMatchObject({ succeeded: 1, failed: 0 });
  User.set(...entry);
  fixture.wait(600_000);
  expect(await fixture.pass(companyOf(staff(1, 2)))).toEqual(['deactivate User p0']);
  expect(fixture.report().reports[0]).toMatchObject({ failed: 1 });
  expect(entry[1].body['active']).toBe(false);
});
