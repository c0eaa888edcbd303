import { describe, expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../src/model/ids.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { managerPath } from '../../src/model/path.ts';
import type { Known } from '../../src/model/resource.ts';
import { settle } from '../../src/sync/settle.ts';

const ada = { kind: 'User', key: sourceKey('1'), name: 'ada', reason: 'test' } as const;
const team = { kind: 'Group', key: sourceKey('g'), name: 'team', reason: 'test' } as const;
const bob = { kind: 'User', key: sourceKey('2') } as const;
const cyd = { kind: 'User', key: sourceKey('3') } as const;

const create: Operation = { ...ada, action: 'create', body: { userName: 'ada', active: true, [managerPath]: '2' } };
const update: Operation = {
  ...ada,
  action: 'update',
  edits: [
    { path: 'title', from: 'A', to: 'B' },
    { path: 'nickName', from: 'x', to: null },
  ],
  body: { userName: 'ada', title: 'B', active: true },
};
const deactivate: Operation = {
  ...ada,
  action: 'deactivate',
  edits: [{ path: 'active', from: true, to: false }],
  body: { userName: 'ada', active: false },
};
const reactivate: Operation = {
  ...ada,
  action: 'reactivate',
  edits: [{ path: 'active', from: false, to: true }],
  body: { userName: 'ada', active: true },
};
const remove: Operation = { ...ada, action: 'delete' };
const claim: Operation = { ...ada, action: 'claim', body: { userName: 'ada' } };
const members: Operation = { ...team, action: 'members', add: [bob, cyd], remove: [] };

/** What is known has moved on since the operation was planned: a freed name, for one. */
const known: Known = {
  kind: 'User',
  key: sourceKey('1'),
  remoteId: remoteId('r1'),
  active: true,
  origin: 'created',
  body: { userName: 'ada.left-1', title: 'A', nickName: 'x', active: true },
  doubtful: ['title', 'locale'],
};
const done = (more: Partial<Extract<Outcome, { kind: 'done' }>> = {}): Outcome => ({
  kind: 'done',
  status: 200,
  ...more,
});

describe('only an answer moves the snapshot', () => {
  test.each<[string, Operation, Outcome, object, string]>([
    [
      'a create is remembered as it was said',
      create,
      done({ remoteId: remoteId('r9') }),
      { kind: 'remember', remoteId: 'r9', body: { userName: 'ada', active: true, [managerPath]: '2' }, active: true },
      'settled',
    ],
    [
      'a reference that could not be said is not remembered',
      create,
      done({ remoteId: remoteId('r9'), unresolved: [managerPath] }),
      { kind: 'remember', remoteId: 'r9', body: { userName: 'ada', active: true }, active: true },
      'followUp',
    ],
    [
      'an edit changes what is known now, and ends its doubt',
      update,
      done(),
      {
        kind: 'remember',
        body: { userName: 'ada.left-1', title: 'B', active: true },
        active: true,
        doubtful: ['locale'],
      },
      'settled',
    ],
    [
      'a deactivation leaves the rest',
      deactivate,
      done(),
      {
        kind: 'remember',
        body: { userName: 'ada.left-1', title: 'A', nickName: 'x', active: false },
        active: false,
        doubtful: ['title', 'locale'],
      },
      'settled',
    ],
    [
      'an account that is opened again may have another id',
      reactivate,
      done({ remoteId: remoteId('r9') }),
      { kind: 'remember', remoteId: 'r9', body: known.body, active: true, doubtful: ['title', 'locale'] },
      'settled',
    ],
    [
      'one that is changed keeps its id, whatever is answered',
      update,
      done({ remoteId: remoteId('r9') }),
      {
        kind: 'remember',
        body: { userName: 'ada.left-1', title: 'B', active: true },
        active: true,
        doubtful: ['locale'],
      },
      'settled',
    ],
    ['a deletion forgets', remove, done(), { kind: 'forget' }, 'settled'],
    [
      'deleting what is gone is content',
      remove,
      { kind: 'gone', status: 404, detail: '' },
      { kind: 'forget' },
      'settled',
    ],
    [
      'changing what is gone forgets it',
      update,
      { kind: 'gone', status: 404, detail: '' },
      { kind: 'forget' },
      'again',
    ],
    [
      'memberships that were left out are not remembered',
      members,
      done({ leftOut: [cyd] }),
      { kind: 'members', added: [bob], removed: [] },
      'settled',
    ],
    ['a refusal keeps everything', update, { kind: 'refused', status: 400, detail: '' }, { kind: 'keep' }, 'again'],
    [
      'a refusal after a part was accepted leaves a doubt',
      update,
      { kind: 'refused', status: 400, detail: '', partly: true },
      { kind: 'doubt', paths: ['title', 'nickName'] },
      'again',
    ],
    ['what was never sent keeps everything', deactivate, { kind: 'skipped', detail: '' }, { kind: 'keep' }, 'again'],
    ['a create without an answer is uncertain', create, { kind: 'unknown', detail: '' }, { kind: 'keep' }, 'uncertain'],
    [
      'an edit without an answer leaves a doubt',
      update,
      { kind: 'unknown', detail: '' },
      { kind: 'doubt', paths: ['title', 'nickName'] },
      'again',
    ],
    [
      'so do memberships',
      members,
      { kind: 'unknown', detail: '' },
      { kind: 'doubtMembers', members: [bob, cyd] },
      'again',
    ],
    [
      'a claim that cannot be decided stays uncertain',
      claim,
      { kind: 'unknown', detail: '' },
      { kind: 'keep' },
      'uncertain',
    ],
    [
      'a claim that finds nobody is settled',
      claim,
      { kind: 'gone', status: 404, detail: '' },
      { kind: 'keep' },
      'settled',
    ],
  ])('%s', (_, operation, outcome, change, due) => {
    expect(settle(operation, outcome, known, { requests: 1, retries: 0 })).toEqual({ change, due });
  });

  test('an adopted account is remembered as it was found, and compared once more', () => {
    const found = { remoteId: remoteId('r7'), body: { userName: 'ADA' }, active: false };
    expect(settle(create, { kind: 'adopted', status: 200, found }, undefined, { requests: 1, retries: 0 })).toEqual({
      change: { kind: 'adopt', found },
      due: 'followUp',
    });
  });

  test('what could not be sent leaves no doubt, what was sent does', () => {
    const unavailable: Outcome = { kind: 'unavailable', detail: 'down' };
    expect(settle(update, unavailable, known, { requests: 0, retries: 0 }).change).toEqual({ kind: 'keep' });
    expect(settle(update, unavailable, known, { requests: 1, retries: 0 }).change).toEqual({
      kind: 'doubt',
      paths: ['title', 'nickName'],
    });
  });

  test('what was refused only when it was repeated may have taken effect the first time', () => {
    const refused: Outcome = { kind: 'refused', status: 400, detail: '' };
    expect(settle(update, refused, known, { requests: 2, retries: 1 }).change).toEqual({
      kind: 'doubt',
      paths: ['title', 'nickName'],
    });
    expect(settle(create, refused, undefined, { requests: 2, retries: 1 }).due).toBe('uncertain');
  });
});
