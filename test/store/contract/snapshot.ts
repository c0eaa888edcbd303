import { describe, expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../../src/model/ids.ts';
import { recordKey } from '../../../src/model/record-key.ts';
import type { KnownState } from '../../../src/model/resource.ts';
import type { Store } from '../../../src/store/store.ts';
import { change, create, createGroup, edit, found, members, people, remember, remove, target } from '../builders.ts';
import { at } from '../readings.ts';
import {
  acknowledge,
  answer,
  candidatesOf,
  planPass,
  send,
  settle,
  unplanned,
  workOf,
  type OpenStore,
} from './steps.ts';

const [ada, eng] = [sourceKey('ada'), sourceKey('eng')];

const known = async (store: Store, key = ada): Promise<KnownState | undefined> =>
  (await store.target(target)).known('User', key);

/** A group with Ada and Bob. */
async function group(store: Store): Promise<void> {
  await acknowledge(store, ['ada', 'bob', 'cy']);
  await settle(store, createGroup('eng'), remember('g1', { displayName: 'eng' }));
  await settle(store, members('eng', 'add ada bob'), { kind: 'members', added: people('ada bob'), removed: [] });
}

const membersOf = async (store: Store): Promise<readonly string[]> => {
  const { memberships } = await workOf(store, 0, unplanned(members('eng', 'add ada bob cy')));
  return [...(memberships.get(0)?.existing ?? [])].sort();
};

/** The snapshot is what the target was last shown to hold: only a response changes it. */
export function describeSnapshot(open: OpenStore): void {
  describe('the snapshot', () => {
    test('changes by a response, not by a plan and not by sending', async () => {
      const { store } = await open();
      const pass = await planPass(store, [create('ada')]);
      await send(store, pass, 'create ada');
      expect(await known(store)).toBeUndefined();
      await answer(store, pass, 'create ada', { change: remember('r1', { userName: 'ada', title: 'x' }) });
      expect(await known(store)).toEqual({
        ...{ resourceType: 'User', key: 'ada', remoteId: 'r1', body: { userName: 'ada', title: 'x' } },
        ...{ active: true, origin: 'created' },
      });
      const app = await store.target(target);
      expect(app.owner('User', remoteId('r1'))).toBe('ada');
      expect(await app.totals()).toEqual({ users: 1, activeUsers: 1, groups: 0, memberships: 0 });
      expect((await store.target('other')).known('User', ada)).toBeUndefined();
    });

    test('remembers a new value without an id, and since when a user is inactive', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada']);
      const inactive = { kind: 'remember', body: { userName: 'ada' }, active: false } as const;
      await settle(store, change('ada', [], 'deactivate'), inactive, 500);
      await settle(store, change('ada', []), { ...inactive, body: { userName: 'ada2' } }, 600);
      expect(await known(store)).toMatchObject({
        ...{ remoteId: 'r-ada', body: { userName: 'ada2' }, active: false, inactiveSince: 500 },
      });
      await settle(store, change('ada', [], 'reactivate'), { ...inactive, active: true }, 700);
      expect(await known(store)).not.toHaveProperty('inactiveSince');
    });

    test('adopts an account as it was read', async () => {
      const { store } = await open();
      await settle(store, create('ada'), {
        ...{ kind: 'adopt', resource: found('7', { userName: 'Ada' }, { active: false, version: 'W/"1"' }) },
      });
      expect(await known(store)).toMatchObject({
        ...{ remoteId: '7', body: { userName: 'Ada' }, active: false, origin: 'adopted', version: 'W/"1"' },
      });
    });

    test('keeps what is known of a missing account, and forgets one that is gone', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada', 'bob']);
      await settle(store, change('ada', []), { kind: 'missing' }, 500);
      await settle(store, remove('bob'), { kind: 'forget' });
      const app = await store.target(target);
      expect(await known(store)).toMatchObject({ missingSince: 500, body: { userName: 'ada' } });
      const references = unplanned(members('eng', 'add ada'));
      expect((await workOf(store, 0, references)).ids.size).toBe(0);
      expect(await known(store, sourceKey('bob'))).toBeUndefined();
      // The guard weighs removals by all accounts that the target is known to hold, or held until lately.
      expect(await app.totals()).toMatchObject({ users: 1 });
      await settle(store, create('ada'), remember('r2', { userName: 'ada' }));
      expect(await known(store)).toMatchObject({ remoteId: 'r2' });
      expect(await known(store)).not.toHaveProperty('missingSince');
    });

    test('has paths in doubt until a response or a read shows them', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada']);
      const app = await store.target(target);
      await settle(store, change('ada', [edit('title', null, 'x')]), { kind: 'inDoubt', paths: ['title'] });
      expect(await known(store)).toMatchObject({ inDoubt: ['title'] });
      expect((await app.inDoubt(9)).map(({ key }) => key)).toEqual(['ada']);
      const before = (await app.inDoubt(9))[0];
      if (before === undefined) throw new Error('ada is not in doubt');
      await app.applyReadBack(before, remember('r-ada', { userName: 'ada', title: 'x' }), [], at(900));
      expect(await known(store)).toMatchObject({ body: { title: 'x' } });
      expect(await known(store)).not.toHaveProperty('inDoubt');
      expect(await app.inDoubt(9)).toEqual([]);
    });

    test('holds the members that the target acknowledged', async () => {
      const { store } = await open();
      await group(store);
      expect(await membersOf(store)).toEqual(['User:ada', 'User:bob']);
      await settle(store, members('eng', 'add cy', 'remove bob'), {
        ...{ kind: 'members', added: people('cy'), removed: people('bob') },
      });
      expect(await membersOf(store)).toEqual(['User:ada', 'User:cy']);
      const app = await store.target(target);
      const serving = await store.serving(target);
      const ofGroup = await serving.membersOf(eng, true);
      expect(ofGroup.members.map(({ id }) => String(id))).toEqual(['r-ada', 'r-cy']);
      expect([...ofGroup.names.values()]).toEqual(['ada', 'cy']);
      const { memberships } = await workOf(store, 0, unplanned(members('eng', 'add bob')));
      expect(memberships.get(0)?.witnesses).toHaveLength(1);
      expect(await app.totals()).toMatchObject({ groups: 1, memberships: 2 });
      await settle(store, remove('eng', 'Group'), { kind: 'forget' });
      expect(await membersOf(store)).toEqual([]);
      expect(await app.totals()).toMatchObject({ groups: 0, memberships: 0 });
    });

    test('does not count members in doubt as existing', async () => {
      const { store } = await open();
      await group(store);
      const pass = await planPass(store, [members('eng', 'remove bob')]);
      const change = { kind: 'membersInDoubt', members: people('bob') } as const;
      await answer(store, pass, 'members eng', { change, state: 'unknown', requeues: [] });
      expect(await membersOf(store)).toEqual(['User:ada']);
      const { memberships } = await workOf(store, 0, unplanned(members('eng', 'remove ada bob')));
      expect([...(memberships.get(0)?.inDoubt ?? [])]).toEqual(['User:bob']);
    });

    test('answers for many records at once', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada', 'bob']);
      const app = await store.target(target);
      const operations = unplanned(
        change('ada', []),
        change('bob', []),
        create('cy'),
        members('eng', 'add ada bob cy'),
      );
      const page = await workOf(store, 0, operations);
      expect([...page.known.values()].map(({ key }) => key).sort()).toEqual(['ada', 'bob']);
      expect(page.ids).toEqual(
        new Map(people('ada bob').map((member) => [recordKey(member), remoteId(`r-${member.key}`)])),
      );
      expect((await app.knownByName('User', 'ada')).map(({ key }) => key)).toEqual(['ada']);
      expect((await app.knownByValue('User', 'BOB')).map(({ key }) => key)).toEqual(['bob']);
    });

    test('an account that is deactivated long enough is a candidate again', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada']);
      const inactive = { kind: 'remember', body: { userName: 'ada' }, active: false } as const;
      await settle(store, change('ada', [], 'deactivate'), inactive, 500);
      const due = (now: number) =>
        candidatesOf(store, { kind: 'changed', after: 9, deletions: { days: 0, zone: 'UTC', now: at(now) } });
      expect([await due(499), await due(500)]).toEqual([[], ['User ada gone known']]);
    });

    test('a removal that is to be read back is due until its look', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada']);
      const pass = await planPass(store, [remove('ada')]);
      await answer(store, pass, 'delete ada', {
        change: { kind: 'forget' },
        verification: {
          ...{ remoteId: remoteId('r-ada'), look: 1, due: at(300), isSeen: false, externalId: 'ada' },
          ...{ mayHaveDuplicates: false, unprovenRemovals: 0 },
        },
      });
      const { verifications } = await store.target(target);
      expect([await verifications.countDue(1, at(299)), await verifications.countDue(1, at(300))]).toEqual([0, 1]);
      const [first] = await verifications.due(1, at(300), 0, 9);
      if (first === undefined) throw new Error('there is no removal to read back');
      expect(first).toMatchObject({ remoteId: 'r-ada', externalId: 'ada', answeredAt: 200 });
      await verifications.record(first, {
        ...{ state: 'done', evidence: 'read', detail: undefined, change: { kind: 'keep' }, requeue: undefined },
        ...{ next: undefined, at: at(301) },
      });
      expect(await verifications.countDue(1, at(999))).toBe(0);
    });
  });

  describe('what a target taught', () => {
    test('is kept with its circumstances', async () => {
      const { store } = await open();
      const app = await store.target(target);
      const learned = { ...(await app.learned()), under: 'digest' };
      await app.saveLearned(learned);
      expect(await app.learned()).toEqual(learned);
      await app.saveDiscovery({ patch: true }, at(5));
      await app.saveListedAt(at(6));
      await app.markLoaded(at(7));
      await app.markLoaded(at(8));
      expect(await app.state()).toMatchObject({
        ...{ discovery: { patch: true }, discoveryReadAt: 5, listedAt: 6, loadedAt: 7 },
      });
    });

    test('the requests of a quota are counted by interval', async () => {
      const { requestCounts } = await (await open()).store.target(target);
      await requestCounts.add('day', [{ start: at(0), requests: 2 }], at(0));
      await requestCounts.add(
        'day',
        [
          { start: at(0), requests: 3 },
          { start: at(60), requests: 1 },
        ],
        at(0),
      );
      expect(requestCounts.since('day', at(0))).toEqual([
        { start: 0, requests: 5 },
        { start: 60, requests: 1 },
      ]);
      await requestCounts.add('day', [], at(60));
      expect(requestCounts.since('day', at(0))).toEqual([{ start: 60, requests: 1 }]);
      expect(requestCounts.since('minute', at(0))).toEqual([]);
    });

    test('its list is compared with the snapshot', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada', 'bob']);
      const { listingCache, orphans } = await store.target(target);
      await listingCache.clear('User');
      const unrelated = found('r-zoe', { userName: 'zoe', externalId: 'E9' });
      await listingCache.add('User', [found('r-ada', { userName: 'ada', externalId: 'ada' }), unrelated]);
      expect(listingCache.find('User', 'userName', 'zoe')).toMatchObject([{ remoteId: 'r-zoe' }]);
      expect(listingCache.has('User', remoteId('r-bob'))).toBe(false);
      expect((await listingCache.unlisted('User', 0, 9)).page.map(({ key }) => key)).toEqual(['bob']);
      await orphans.beginListing();
      await orphans.commitListing(at(9), true, false);
      expect(await orphans.page('', 9)).toMatchObject([{ remoteId: 'r-zoe', externalId: 'E9', userName: 'zoe' }]);
      expect(await orphans.counts()).toEqual({ orphans: 1, unowned: 0 });
      await store.command(async (tx) => (await tx.target(target)).orphans.declareForeign('r-zoe'));
      expect(await orphans.counts()).toEqual({ orphans: 0, unowned: 0 });
    });
  });
}
