import { describe, expect, test } from '@jest/globals';
import { OperatorError } from '../../../src/model/errors.ts';
import { instant, sourceKey } from '../../../src/model/ids.ts';
import { createGroup, found, members, people, remember, target } from '../builders.ts';
import { at, person } from '../readings.ts';
import {
  acknowledge,
  candidatesIn,
  changedSince,
  inPlanning,
  readSource,
  settle,
  shown,
  type OpenStore,
} from './steps.ts';

const ada = sourceKey('ada');
const mark = (time: number) => ({ at: at(time), operator: 'root', host: 'hr' });

const freezeOf = (until?: number) => ({
  ...{ key: ada, name: 'Ada', begun: mark(1), reason: 'legal', until: until === undefined ? undefined : at(until) },
});

function describeSuspensions(open: OpenStore): void {
  describe('suspensions', () => {
    test('a pause holds until it is resumed', async () => {
      const { store } = await open();
      const pause = { target, begun: mark(1), reason: 'migration' };
      await store.command(({ suspensions }) => suspensions.pause(pause));
      expect(store.suspensions.pauses()).toEqual([pause]);
      await readSource(store, { users: [person('ada'), person('bob')] });
      expect(await store.suspensions.countPending(target, { boundaries: [], deletions: undefined })).toBe(2);
      await store.command(({ suspensions }) => suspensions.resume(target, mark(2)));
      expect(store.suspensions.pauses()).toEqual([]);
    });

    test('a freeze makes its user a candidate, while it holds and after it ended', async () => {
      const { store } = await open();
      await readSource(store, { users: [person('ada')] });
      await acknowledge(store, ['ada']);
      await settle(store, createGroup('eng'), remember('g1', { displayName: 'eng' }));
      await settle(store, members('eng', 'add ada'), { kind: 'members', added: people('ada'), removed: [] });
      await store.command(({ suspensions }) => suspensions.freeze(freezeOf()));
      expect(store.suspensions.freezes()).toEqual([freezeOf()]);
      await inPlanning(store, async (app) => {
        await app.selectCandidates(changedSince(1));
        await app.selectFrozen(false);
        expect(await candidatesIn(app)).toEqual(['User ada known']);
        expect([...(await app.frozenUsers())]).toEqual(['ada']);
        expect([...(await app.groupsOfFrozen())]).toEqual(['eng']);
        await app.markPlanned(1, 'rules', at(2));
      });
      await store.command(({ suspensions }) => suspensions.unfreeze(ada, mark(3)));
      expect(store.suspensions.freezes()).toEqual([]);
      await inPlanning(store, async (app) => {
        expect([...(await app.frozenUsers())]).toEqual([]);
        expect([...(await app.thawedUsers())]).toEqual(['ada']);
      });
    });

    test('a freeze ends with its time', async () => {
      const { store } = await open();
      await store.command(({ suspensions }) => suspensions.freeze(freezeOf(500)));
      await store.reading(({ suspensions }) => suspensions.endFreezes(at(499)));
      expect(store.suspensions.freezes()).toHaveLength(1);
      await store.reading(({ suspensions }) => suspensions.endFreezes(at(500)));
      expect(store.suspensions.freezes()).toEqual([]);
    });
  });
}

function describeKeyChanges(open: OpenStore): void {
  describe('changed keys', () => {
    const pair = { from: 'ada', to: 'ada-2' };

    test('move the account, and the old key leads to the new one', async () => {
      const { store } = await open();
      await readSource(store, { users: [person('ada')] });
      await acknowledge(store, ['ada']);
      await readSource(store, { users: [person('ada-2')] });
      await store.command(async ({ keyChanges }) => {
        expect(keyChanges.problems([pair])).toEqual([]);
        await keyChanges.relink([pair], at(9));
      });
      const app = await store.target(target);
      expect(app.known('User', ada)).toBeUndefined();
      expect(app.known('User', sourceKey('ada-2'))).toMatchObject({ remoteId: 'r-ada' });
      expect(store.keyChanges.currentKey('ada')).toBe('ada-2');
      expect(store.keyChanges.currentKey('bob')).toBe('bob');
    });

    test('are refused where the new key has an account, or the state does not know the old one', async () => {
      const { store } = await open();
      await readSource(store, { users: [person('ada'), person('ada-2')] });
      await acknowledge(store, ['ada', 'ada-2']);
      expect(store.keyChanges.problems([pair, { from: 'zoe', to: 'zoe-2' }])).toEqual([
        expect.objectContaining({ code: 'hasAccount', target, from: 'ada' }),
        expect.objectContaining({ code: 'unknownKey', from: 'zoe' }),
      ]);
      expect(store.keyChanges.contradictions([pair])).toEqual([
        expect.objectContaining({ code: 'stillActive', from: 'ada' }),
      ]);
    });

    test('to another form move every record of that form', async () => {
      const { store } = await open();
      await readSource(store, { users: [person('ADA')] });
      await acknowledge(store, ['ADA']);
      await store.reading(async ({ keyChanges }) => {
        const [cluster] = await keyChanges.keysNotInForm('User', (key) => key.toLowerCase());
        expect(cluster).toEqual({ form: 'ada', keys: [{ key: 'ADA', isPresent: true, hasAccount: true }] });
        await keyChanges.moveKeys('User', [{ from: 'ADA', to: 'ada' }], at(9));
        expect(await keyChanges.keysNotInForm('User', (key) => key.toLowerCase())).toEqual([]);
      });
      expect((await store.target(target)).known('User', ada)).toMatchObject({ remoteId: 'r-ADA' });
    });
  });
}

function describeTargets(open: OpenStore): void {
  describe('targets', () => {
    test('are known by their address, with their accounts', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada']);
      await store.reading(({ targets }) => targets.saveUrl(target, 'https://app.example/scim'));
      expect(await store.targets.all()).toEqual([
        { name: target, url: 'https://app.example/scim', accounts: 1, uncertain: 0 },
      ]);
    });

    test('keep accounts and journal under another name', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada']);
      await store.command(({ targets }) => targets.rename(target, 'new'));
      expect((await store.targets.all()).map(({ name, accounts }) => [name, accounts])).toEqual([['new', 1]]);
      expect((await store.target('new')).known('User', ada)).toMatchObject({ remoteId: 'r-ada' });
      expect(await store.journal.operations(1, 'new', 0, undefined, 9)).toHaveLength(1);
    });

    test('that are forgotten keep only their journal', async () => {
      const { store } = await open();
      await acknowledge(store, ['ada']);
      await store.command(({ targets }) => targets.forget(target, instant(1)));
      expect((await store.target(target)).known('User', ada)).toBeUndefined();
      expect(await shown(store, 1)).toEqual(['create ada done']);
    });

    test('an orphan becomes the account of a leaver, and an orphan again if its removal is held', async () => {
      const { store } = await open();
      const { listingCache, orphans } = await store.target(target);
      await listingCache.add('User', [found('7', { userName: 'zoe', externalId: 'E7' })]);
      await orphans.beginListing();
      await orphans.commitListing(at(9), true, false);
      const taken = await store.command(async (tx) => (await tx.target(target)).orphans.takeOver('7', at(10)));
      expect((await store.target(target)).known('User', sourceKey('E7'))).toMatchObject({ remoteId: '7' });
      if (taken === undefined) throw new Error('there is no orphan');
      const giveBack = (): Promise<number> =>
        store.command(async (tx) => (await tx.target(target)).orphans.giveBackHeld([taken]));
      // No pass held a removal.
      expect(await giveBack()).toBe(0);
      expect(await store.command(async (tx) => (await tx.target(target)).orphans.takeOver('none', at(10)))).toBe(
        undefined,
      );
    });
  });
}

function describeLanesAndLocks(open: OpenStore): void {
  describe('lanes and locks', () => {
    const holder = { pid: 1, host: 'hr', command: 'sync', since: at(1) };

    test('a state is locked by one process at a time, with its name', async () => {
      const { store } = await open();
      const lock = await store.lock(holder);
      await lock.release();
      const again = await store.lock({ ...holder, command: 'daemon' });
      await again.release();
    });

    test('what a lane does can be replaced and freed', async () => {
      const opened = await open();
      const { store, view } = opened;
      await store.target(target);
      const laneOf = async () => (await view?.())?.targets()[0]?.lane;
      await store.lanes.save(target, { state: 'busy', since: at(1), pass: 4, until: undefined });
      if (view !== undefined) expect(await laneOf()).toEqual({ state: 'busy', since: 1, pass: 4 });
      await store.lanes.save(target, { state: 'quarantined', since: at(2), until: at(9), reason: 'down' });
      if (view !== undefined) expect(await laneOf()).toMatchObject({ state: 'quarantined', until: 9, reason: 'down' });
      await store.lanes.save(target, undefined);
      expect(await laneOf()).toBeUndefined();
    });

    test('notices of commands come in their order, each once', async () => {
      const { store } = await open();
      expect(store.notices.after(0)).toEqual([]);
      await store.command(async ({ notices }) => {
        await notices.leave({ command: 'pause', target }, at(1));
        await notices.leave({ command: 'freeze', target: undefined }, at(2));
      });
      const [first, second] = store.notices.after(0);
      expect([first, second]).toMatchObject([{ command: 'pause', target }, { command: 'freeze' }]);
      expect(store.notices.after(first?.id ?? 0)).toEqual([second]);
      expect(store.notices.after(second?.id ?? 0)).toEqual([]);
    });
  });
}

/** Locks between processes. */
export function describeLock(open: OpenStore): void {
  test('a second process cannot lock the state, and learns who holds it', async () => {
    const opened = await open();
    const lock = await opened.store.lock({ pid: 1, host: 'hr', command: 'sync --full', since: at(1) });
    const other = await opened.afterDeath?.();
    const wanted = { pid: 2, host: 'hr', command: 'sync', since: at(2) };
    const error = await other?.lock(wanted).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OperatorError);
    expect((error as OperatorError).message).toContain('sync --full');
    expect((await opened.view?.())?.holder()).toMatchObject({ command: 'sync --full', host: 'hr' });
    await lock.release();
    await (await other?.lock(wanted))?.release();
  });
}

/** What operators decide, and what lanes and processes know of each other. */
export function describeDecisions(open: OpenStore): void {
  describeSuspensions(open);
  describeKeyChanges(open);
  describeTargets(open);
  describeLanesAndLocks(open);
}
