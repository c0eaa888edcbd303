import { describe, expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../src/model/ids.ts';
import { openReadOnlyStore, type ReadOnlyStore } from '../../src/store/read-only-store.ts';
import {
  acknowledged,
  add,
  answer,
  change,
  create,
  createGroup,
  everything,
  members,
  people,
  remember,
  target,
} from './operations.ts';
import { at, atEnd, person, read, state, stateFile, type State } from './state.ts';

function view({ file }: State): ReadOnlyStore {
  const opened = openReadOnlyStore(file);
  if (opened === undefined) throw new Error('there is no state');
  atEnd(() => opened.close());
  return opened;
}

describe('questions about the state', () => {
  test('there are none where there is no state', () => {
    expect(openReadOnlyStore(stateFile())).toBeUndefined();
  });

  test('nothing has happened yet', () => {
    const asked = view(state());
    expect([asked.lastPass(), asked.targets(), asked.holder(), asked.snapshot(target), [...asked.history({})]]).toEqual(
      [undefined, [], undefined, undefined, []],
    );
  });

  test('the last pass', async () => {
    const one = state();
    await acknowledged(one, ['ada']);
    const { pass } = await one.store.journal.begin('sync', at(500));
    expect(view(one).lastPass()).toEqual({
      id: pass,
      command: 'sync',
      started: 500,
      ended: undefined,
      reading: undefined,
      result: undefined,
      note: undefined,
    });
    await one.store.journal.setReading(pass, 4);
    await one.store.journal.end(pass, at(600), 'done', 'by ada');
    expect(view(one).lastPass()).toEqual({
      id: pass,
      command: 'sync',
      started: 500,
      ended: 600,
      reading: 4,
      result: 'done',
      note: 'by ada',
    });
  });

  test('what each target holds, what failed there, and how far it is behind', async () => {
    const one = state();
    const { journal } = one.store;
    await read(one, { users: [person('ada')] });
    await acknowledged(one, ['ada', 'bob']);
    const { pass } = await journal.begin('sync', at(500));
    await add(one, pass, [
      change('bob', [], 'deactivate'),
      createGroup('eng'),
      members('eng', 'add ada', 'remove bob'),
      create('cy'),
      create('dan'),
    ]);
    await journal.note(pass, target, [
      { resourceType: 'User', key: sourceKey('eve'), name: 'Eve', text: 'has no userName', problem: true },
    ]);
    await journal.requeueRound(pass, target, 0, everything);
    await (await one.store.target(target)).markPlanned(1, '');
    await answer(one, pass, 'deactivate bob', {
      change: { kind: 'remember', body: { active: false }, active: false },
      followUp: 'none',
    });
    await answer(one, pass, 'create eng', { change: remember('g1', { displayName: 'eng' }), followUp: 'none' });
    await answer(one, pass, 'members eng', {
      change: { kind: 'members', added: people('ada'), removed: [] },
      followUp: 'none',
    });
    await answer(one, pass, 'create cy', {
      outcome: { kind: 'rejected', status: 400, detail: 'too long' },
      followUp: 'nextPass',
    });
    await answer(one, pass, 'create dan', { outcome: { kind: 'unknown', detail: 'lost' }, followUp: 'verifyFirst' });
    await journal.saveSummary(pass, target, { failed: 2 });
    await journal.end(pass, at(600), 'failed', undefined);
    await read(one, { users: [person('ada', 'new')] });
    await one.store.target('another');

    const [another, app] = view(one).targets();
    expect(another).toEqual({
      name: 'another',
      users: { active: 0, inactive: 0 },
      groups: 0,
      memberships: 0,
      due: 0,
      uncertain: 0,
      missing: 0,
      deletionsRefused: 0,
      secondLooks: { removals: 0, unseen: 0, first: undefined, searched: [] },
      listed: undefined,
      orphans: 0,
      unowned: 0,
      behind: 2,
      last: undefined,
      ignoredWrites: [],
      learned: [],
      discovery: undefined,
      discoveryReadAt: undefined,
      drift: { counts: {}, comparedAt: undefined, runningSince: undefined },
      failing: [],
    });
    expect(app).toEqual({
      name: target,
      users: { active: 1, inactive: 1 },
      groups: 1,
      memberships: 1,
      due: 4,
      uncertain: 1,
      missing: 0,
      deletionsRefused: 0,
      secondLooks: { removals: 0, unseen: 0, first: undefined, searched: [] },
      listed: undefined,
      orphans: 0,
      unowned: 0,
      behind: 1,
      last: { pass, at: 500, ended: 600, result: 'failed', summary: { failed: 2 } },
      ignoredWrites: [],
      learned: [],
      discovery: undefined,
      discoveryReadAt: undefined,
      drift: { counts: {}, comparedAt: undefined, runningSince: undefined },
      failing: [
        expect.objectContaining({ resourceType: 'User', key: 'cy', name: 'cy', detail: 'too long' }),
        expect.objectContaining({ resourceType: 'User', key: 'dan', name: 'dan', detail: 'lost' }),
        expect.objectContaining({ resourceType: 'User', key: 'eve', name: 'Eve', detail: 'has no userName' }),
      ],
    });
  });

  test('closings that no read confirmed, failing memberships, and removals without a later try', async () => {
    const one = state();
    const { journal } = one.store;
    await acknowledged(one, ['ada', 'bob', 'cy']);
    const { pass } = await journal.begin('sync', at(500));
    await add(one, pass, [
      change('ada', [], 'deactivate'),
      change('bob', [], 'deactivate'),
      members('eng', 'add bob cy'),
    ]);
    await journal.requeueRound(pass, target, 0, everything);
    const unseen = { isSeen: false, externalId: undefined, mayHaveDuplicates: false };
    const look = { remoteId: remoteId('r-ada'), look: 1, due: at(600), unprovenRemovals: 0, ...unseen } as const;
    await answer(one, pass, 'deactivate ada', {
      outcome: { kind: 'done', status: 204 },
      change: { kind: 'remember', body: { active: false }, active: false },
      followUp: 'none',
      verification: look,
    });
    const { verifications } = await one.store.target(target);
    const [due] = await verifications.due(1, at(600), 0, 10);
    if (due === undefined) throw new Error('nothing is to be read back');
    await verifications.record(due, {
      ...{ state: 'unknown', evidence: undefined, detail: 'could not be read', change: { kind: 'keep' } },
      ...{ requeue: undefined, next: { look: 1, due: at(700), isSeen: false }, at: at(600) },
    });
    const refused = { kind: 'rejected', status: 400, detail: 'read-only' } as const;
    await answer(one, pass, 'deactivate bob', { outcome: refused, followUp: 'nextPass' });
    await answer(one, pass, 'members eng', { outcome: refused, followUp: 'nextPass' });
    expect(view(one).targets()[0]?.failing).toEqual([
      expect.objectContaining({ key: 'bob', detail: 'read-only', nextTry: undefined }),
      expect.objectContaining({ key: 'ada', detail: 'could not be read', nextTry: undefined }),
      expect.objectContaining({
        ...{ resourceType: 'Group', key: 'eng', detail: 'read-only', members: { total: 2, first: 'bob' } },
        nextTry: expect.objectContaining({ pass: pass + 1 }),
      }),
    ]);
  });

  test('the snapshot of a target', async () => {
    const one = state();
    await acknowledged(one, ['ada']);
    expect(view(one).snapshot(target)?.remoteIdOf('User', sourceKey('ada'))).toBe(remoteId('r-ada'));
  });

  test('are answered while a pass is being planned, from what was committed', async () => {
    const one = state();
    await one.store.readingAndPlanning(async () => {
      await one.store.journal.begin('sync', at(1));
      expect(view(one).lastPass()).toBeUndefined();
    });
    expect(view(one).lastPass()).toMatchObject({ command: 'sync' });
  });
});
