import { describe, expect, test } from '@jest/globals';
import { sourceKey } from '../../src/model/ids.ts';
import {
  acknowledged,
  answer,
  begin,
  create,
  requeued,
  everything,
  found,
  planned,
  remember,
  target,
} from './operations.ts';
import { at, dump, person, present, read, state, type State } from './state.ts';

async function company(): Promise<State> {
  const one = state();
  await read(one, { users: [person('ada'), person('bob')], groups: [{ key: 'eng' }], memberships: ['eng>ada'] });
  await acknowledged(one, ['ada']);
  return one;
}

/** Writes to many tables. */
async function writeEverything(one: State, name = 'new'): Promise<void> {
  const { store } = one;
  const other = await store.target(name);
  await other.setPendingManager(sourceKey('ada'), sourceKey('bob'));
  await other.selectCandidates(everything);
  await other.selectMemberships(everything, []);
  await other.listingCache.add('User', [found('x', { userName: 'x' })]);
  await read(
    { store: { mirror: store.mirror, readingAndPlanning: (work) => work() } },
    { users: [person('cy')], memberships: ['eng>cy'] },
  );
  const { pass } = await store.journal.begin('plan', at(400));
  await store.journal.add(pass, name, 0, [planned(create('cy'))]);
  await store.journal.note(pass, name, [
    { resourceType: 'User', key: sourceKey('cy'), name: '', text: 't', problem: true },
  ]);
  await store.journal.requeueRound(pass, name, 0, everything);
  await other.markPlanned(2, 'rules');
}

describe('a dry run', () => {
  test('reads its own changes, and changes no table', async () => {
    const one = await company();
    const before = dump(one.db);
    const inside = await one.store.dryRun(async () => {
      await writeEverything(one);
      const counts = await one.store.mirror.counts();
      expect(dump(one.db)).toEqual(before);
      return counts;
    });
    expect(inside).toEqual({ users: 1, groups: 0, memberships: 1 });
    expect(dump(one.db)).toEqual(before);
    expect(await one.store.mirror.counts()).toEqual({ users: 2, groups: 1, memberships: 1 });
  });

  test('that fails reports the reason and changes no table', async () => {
    const one = await company();
    const before = dump(one.db);
    const failing = one.store.dryRun(async () => {
      await writeEverything(one);
      throw new Error('implausible');
    });
    await expect(failing).rejects.toThrow('implausible');
    expect(dump(one.db)).toEqual(before);
  });

  test('can be followed by a real pass and by another dry run', async () => {
    const one = await company();
    for (let turn = 0; turn < 2; turn += 1) await one.store.dryRun(() => writeEverything(one));
    await one.store.readingAndPlanning(() => writeEverything(one));
    await one.store.dryRun(() => writeEverything(one, 'another'));
    expect(one.ask('select name from target order by name')).toEqual([target, 'new']);
    expect(present(one)).toEqual(['User cy {}', 'eng>cy']);
    expect(await (await one.store.target('new')).state()).toEqual({
      plannedReading: 2,
      mappingFingerprint: 'rules',
      discovery: undefined,
      listedAt: undefined,
      leaversUnmatched: false,
    });
  });
});

describe('a transaction', () => {
  test('that fails is rolled back completely', async () => {
    const one = await company();
    const before = dump(one.db);
    await expect(
      one.store.readingAndPlanning(async () => {
        await writeEverything(one);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(dump(one.db)).toEqual(before);
    await one.store.readingAndPlanning(() => writeEverything(one));
    expect(requeued(one)).toEqual(['User cy']);
  });

  test('a target whose insert was rolled back is added again', async () => {
    const one = state();
    await expect(
      one.store.readingAndPlanning(async () => {
        await one.store.target(target);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    const pass = await begin(one, [create('ada')]);
    await answer(one, pass, 'create ada', { change: remember('r1', { userName: 'ada' }), followUp: 'none' });
    expect((await one.store.target(target)).known('User', sourceKey('ada'))?.remoteId).toBe('r1');
  });

  test('responses during a transaction are written after it, even if it fails', async () => {
    const one = await company();
    const pass = await begin(one, [create('bob')]);
    let finish = (_: Error | undefined): void => undefined;
    const open = one.store.readingAndPlanning(
      () =>
        new Promise<void>((resolve, reject) => {
          finish = (error) => {
            if (error === undefined) resolve();
            else reject(error);
          };
        }),
    );
    const answered = answer(one, pass, 'create bob', {
      change: remember('r2', { userName: 'bob' }),
      followUp: 'none',
    });
    await new Promise(setImmediate);
    finish(new Error('no'));
    await expect(open).rejects.toThrow('no');
    await answered;
    expect(one.ask(`select remote_id from account order by key`)).toEqual(['r-ada', 'r2']);
  });
});
