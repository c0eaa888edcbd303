import { describe, expect, test } from '@jest/globals';
import type { Protocol } from '../../src/model/profile.ts';
import { profileWith } from '../world/profile.ts';
import { targetSpec, type Company } from './company.ts';
import { companyOf, createPassFixture, person, type PassFixture } from './pass-fixture.ts';

/** From this number of creates on, a listing saves requests. */
const listingThreshold = 20;

const users = (count: number): Company =>
  companyOf(Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, person(`user${at}`)])));

interface Given {
  readonly adopt?: boolean;
  readonly protocol?: Partial<Protocol>;
}

function fixtureWith({ adopt = true, protocol = {} }: Given): PassFixture {
  return createPassFixture({
    spec: {
      ...targetSpec({}),
      adopt,
      profile: profileWith({
        protocol: { ifMatch: 'never', ...protocol },
        limits: { requestsPerSecond: 1000, concurrency: 1 },
      }),
    },
  });
}

const creates = (received: readonly string[]): number => received.filter((line) => line.startsWith('create')).length;

describe('accounts that exist at the application before the first pass', () => {
  test.each<[string, Given, number, number, number]>([
    // case, given, users, creates that are sent, listings
    // A state without memory of the target may be a lost one, so the target is listed before anything is created.
    ['few: one listing and no creates', {}, 3, 0, 1],
    ['many: one listing and no creates', {}, listingThreshold, 0, 1],
    ['few, but lists are unreliable', { protocol: { listing: 'unreliable' } }, 3, 3, 0],
    ['many, but lists are unreliable', { protocol: { listing: 'unreliable' } }, listingThreshold, listingThreshold, 0],
  ])('%s', async (_, given, count, sent, listings) => {
    using fixture = fixtureWith(given);
    for (let at = 0; at < count; at += 1) fixture.target.addAccount('User', { userName: `USER${at}` });
    expect(creates(await fixture.pass(users(count)))).toBe(sent);
    expect(fixture.target.listings).toBe(listings);
    expect(fixture.target.accounts.User.size).toBe(count);
    expect(fixture.report().reports.map(({ failed }) => failed)).toEqual([0]);
    expect(await fixture.pass(users(count))).toEqual([]);
  });

  test.each([3, listingThreshold])('are not adopted without permission (%i users)', async (count) => {
    using fixture = fixtureWith({ adopt: false });
    for (let at = 0; at < count; at += 1) fixture.target.addAccount('User', { userName: `user${at}`, title: 'own' });
    expect(creates(await fixture.pass(users(count)))).toBe(count);
    expect(fixture.report().reports.map(({ failed }) => failed)).toEqual([count]);
    expect(fixture.target.listings).toBe(0);
    // The snapshot contains no account, so no user is removed.
    expect(await fixture.pass(companyOf({ other: 'other' }))).toEqual(['create User other']);
    expect([...fixture.target.accounts.User.values()].filter(({ body }) => body['title'] === 'own')).toHaveLength(
      count,
    );
  });

  test('ten conflicts cause a listing, which finds the others', async () => {
    using fixture = fixtureWith({});
    await fixture.pass(users(listingThreshold));
    const more = users(listingThreshold + 15);
    for (let at = listingThreshold; at < listingThreshold + 15; at += 1)
      fixture.target.addAccount('User', { userName: `user${at}` });
    expect(fixture.target.listings).toBe(1);
    expect(creates(await fixture.pass(more))).toBe(10);
    expect(fixture.target.listings).toBe(2);
    expect(await fixture.pass(more)).toEqual([]);
  });

  test('with the externalIds of the users and other names are adopted', async () => {
    using fixture = fixtureWith({ protocol: { matchUsers: ['externalId', 'userName'] } });
    for (const at of [0, 1]) fixture.target.addAccount('User', { userName: `other${at}`, externalId: `p${at}` });
    await fixture.pass(users(8));
    expect(fixture.target.accounts.User.size).toBe(8);
    expect([...fixture.target.accounts.User.values()].map(({ body }) => body['userName']).sort()).toEqual(
      [...users(8).people.values()].map(({ userName }) => userName),
    );
  });

  test('users that a listing does not show are created', async () => {
    using fixture = fixtureWith({});
    fixture.target.addAccount('User', { userName: 'user3' });
    fixture.target.addAccount('User', { userName: 'unrelated' });
    expect(creates(await fixture.pass(users(listingThreshold)))).toBe(listingThreshold - 1);
    expect(fixture.target.accounts.User.size).toBe(listingThreshold + 1);
  });

  test('of two matching accounts neither is adopted', async () => {
    using fixture = fixtureWith({ protocol: { matchUsers: ['externalId', 'userName'] } });
    fixture.target.addAccount('User', { userName: 'one', externalId: 'p3' });
    fixture.target.addAccount('User', { userName: 'two', externalId: 'p3' });
    fixture.target.addAccount('User', { userName: 'three', externalId: 'p4' });
    const received = await fixture.pass(users(listingThreshold));
    expect(received).not.toContain('create User p3');
    expect(received).not.toContain('create User p4');
    expect(fixture.report().reports.map(({ failed }) => failed)).toEqual([1]);
    expect([...fixture.target.accounts.User.values()].map(({ body }) => body['userName'])).toEqual(
      expect.arrayContaining(['one', 'two', 'user4']),
    );
  });

  test('an account that another record owns is not adopted', async () => {
    using fixture = fixtureWith({ protocol: { matchUsers: ['userName'] } });
    const known = { owner: 'eve', ...Object.fromEntries(users(listingThreshold).people) };
    await fixture.pass(companyOf({ owner: 'eve' }));
    // The application renamed the account: only a listing shows the name that it has now.
    const account = fixture.target.accounts.User.get('r1');
    if (account !== undefined) account.body['userName'] = 'user9';
    // Ten conflicts before the create of p9 cause the listing.
    for (const at of [0, 1, 10, 11, 12, 13, 14, 15, 16, 17])
      fixture.target.addAccount('User', { userName: `user${at}` });
    const received = await fixture.pass(companyOf(known));
    expect(fixture.target.listings).toBe(2);
    expect(received).not.toContain('create User p9');
    expect(fixture.report().reports.map(({ failed }) => failed)).toEqual([1]);
    expect(account?.body['externalId']).toBe('owner');
  });
});
