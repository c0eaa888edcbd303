import { describe, expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../src/model/ids.ts';
import type { EditOperation, Operation } from '../../src/model/operation.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { managerPath } from '../../src/model/path.ts';
import type { KnownState } from '../../src/model/resource.ts';
import { settle, stateOf } from '../../src/sync/settle.ts';

const ada = { resourceType: 'User', key: sourceKey('1'), name: 'ada', reason: 'test' } as const;
const team = { resourceType: 'Group', key: sourceKey('g'), name: 'team', reason: 'test' } as const;
const bob = { resourceType: 'User', key: sourceKey('2') } as const;
const cyd = { resourceType: 'User', key: sourceKey('3') } as const;

const create: Operation = { ...ada, action: 'create', body: { userName: 'ada', active: true, [managerPath]: '2' } };
const update: EditOperation = {
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
const verifyCreate: Operation = { ...ada, action: 'verifyCreate', body: { userName: 'ada' } };
const members: Operation = { ...team, action: 'members', add: [bob, cyd], remove: [] };

/** The known state changed after the operation was planned: the account has a temporary name now. */
const known: KnownState = {
  resourceType: 'User',
  key: sourceKey('1'),
  remoteId: remoteId('r1'),
  active: true,
  origin: 'created',
  body: { userName: 'ada.left-1', title: 'A', nickName: 'x', active: true },
  inDoubt: ['title', 'locale'],
};
const done = (more: Partial<Extract<Outcome, { kind: 'done' }>> = {}): Outcome => ({
  kind: 'done',
  status: 200,
  ...more,
});

describe('only a response changes the snapshot', () => {
  test.each<[string, Operation, Outcome, object, string]>([
    [
      'a create is stored as sent',
      create,
      done({ remoteId: remoteId('r9') }),
      { kind: 'remember', remoteId: 'r9', body: { userName: 'ada', active: true, [managerPath]: '2' }, active: true },
      'none',
    ],
    [
      'an unresolved reference is not stored',
      create,
      done({ remoteId: remoteId('r9'), unresolved: [managerPath] }),
      { kind: 'remember', remoteId: 'r9', body: { userName: 'ada', active: true }, active: true },
      'thisPass',
    ],
    [
      'an edit changes the known state, and its path is no longer in doubt',
      update,
      done(),
      {
        kind: 'remember',
        body: { userName: 'ada.left-1', title: 'B', active: true },
        active: true,
        inDoubt: { begins: [], ends: ['title', 'nickName'] },
      },
      'none',
    ],
    [
      'a deactivation changes active only',
      deactivate,
      done(),
      {
        kind: 'remember',
        body: { userName: 'ada.left-1', title: 'A', nickName: 'x', active: false },
        active: false,
        inDoubt: { begins: [], ends: ['active'] },
      },
      'none',
    ],
    [
      'a reactivated account may have another id',
      reactivate,
      done({ remoteId: remoteId('r9') }),
      {
        kind: 'remember',
        remoteId: 'r9',
        body: known.body,
        active: true,
        inDoubt: { begins: [], ends: ['active'] },
      },
      'none',
    ],
    [
      'an updated account keeps its id, with any id in the response',
      update,
      done({ remoteId: remoteId('r9') }),
      {
        kind: 'remember',
        body: { userName: 'ada.left-1', title: 'B', active: true },
        active: true,
        inDoubt: { begins: [], ends: ['title', 'nickName'] },
      },
      'none',
    ],
    ['a deleted account is forgotten', remove, done(), { kind: 'forget' }, 'none'],
    [
      'an account that the target refused to delete stays known, and inactive',
      remove,
      done({ insteadOfDeletion: { kind: 'deactivated' } }),
      { kind: 'remember', body: { ...known.body, active: false }, active: false, deletionRefused: true },
      'thisPass',
    ],
    [
      'a group that the target refused to delete has lost its members',
      remove,
      done({ insteadOfDeletion: { kind: 'emptied', removed: [bob] } }),
      { kind: 'members', added: [], removed: [bob], deletionRefused: true },
      'nextPass',
    ],
    [
      'a group that kept a member is tried again',
      remove,
      done({ insteadOfDeletion: { kind: 'emptied', removed: [bob] }, rejectedMembers: [cyd] }),
      { kind: 'members', added: [], removed: [bob] },
      'nextPass',
    ],
    [
      'deleting a missing account succeeds',
      remove,
      { kind: 'notFound', status: 404, detail: '' },
      { kind: 'forget' },
      'none',
    ],
    [
      'deactivating a missing account succeeds',
      deactivate,
      { kind: 'notFound', status: 404, detail: '' },
      { kind: 'forget' },
      'none',
    ],
    [
      'an updated account that is missing keeps its id',
      update,
      { kind: 'notFound', status: 404, detail: '' },
      { kind: 'missing' },
      'nextPass',
    ],
    [
      'a deactivated account that has moved gets its new id',
      deactivate,
      done({ movedTo: remoteId('r9') }),
      {
        kind: 'remember',
        remoteId: 'r9',
        body: { userName: 'ada.left-1', nickName: 'x', title: 'A', active: false },
        active: false,
        inDoubt: { begins: [], ends: ['active'] },
      },
      'none',
    ],
    [
      'a group that is missing keeps its id',
      members,
      { kind: 'notFound', status: 404, detail: '' },
      { kind: 'missing' },
      'nextPass',
    ],
    [
      'a member that does not exist any more is no member',
      members,
      { kind: 'done', status: 204, danglingMembers: [{ resourceType: 'User', key: sourceKey('gone') }] },
      { kind: 'members', added: [bob, cyd], removed: [{ resourceType: 'User', key: sourceKey('gone') }] },
      'none',
    ],
    [
      'rejected memberships are not stored',
      members,
      done({ rejectedMembers: [cyd] }),
      { kind: 'members', added: [bob], removed: [] },
      'none',
    ],
    [
      'a refusal after a part was accepted leaves the edits in doubt',
      update,
      { kind: 'rejected', status: 400, detail: '', partial: true },
      { kind: 'inDoubt', paths: ['title', 'nickName'] },
      'nextPass',
    ],
    [
      'an operation that was not sent changes nothing',
      deactivate,
      { kind: 'skipped', detail: '' },
      { kind: 'keep' },
      'nextPass',
    ],
    [
      'a create without a response is looked up first',
      create,
      { kind: 'unknown', detail: '' },
      { kind: 'keep' },
      'verifyFirst',
    ],
    [
      'an edit without a response is in doubt',
      update,
      { kind: 'unknown', detail: '' },
      { kind: 'inDoubt', paths: ['title', 'nickName'] },
      'nextPass',
    ],
    [
      'memberships without a response are in doubt',
      members,
      { kind: 'unknown', detail: '' },
      { kind: 'membersInDoubt', members: [bob, cyd] },
      'nextPass',
    ],
    [
      'an undecided verification is repeated',
      verifyCreate,
      { kind: 'unknown', detail: '' },
      { kind: 'keep' },
      'verifyFirst',
    ],
    [
      'a verification that finds no account, where one went missing before, is followed by its removal',
      verifyCreate,
      { kind: 'notFound', status: 404, detail: '' },
      { kind: 'keep' },
      'thisPass',
    ],
  ])('%s', (_, operation, outcome, change, followUp) => {
    expect(settle(operation, outcome, known, { requests: 1, retries: 0 })).toEqual({ change, followUp });
  });

  test('a verification that finds no account is complete', () => {
    const outcome: Outcome = { kind: 'notFound', status: 404, detail: '' };
    expect(settle(verifyCreate, outcome, undefined, { requests: 1, retries: 0 })).toEqual({
      change: { kind: 'keep' },
      followUp: 'none',
    });
  });

  test('an adopted account is stored as found, and compared again', () => {
    const found = { remoteId: remoteId('r7'), body: { userName: 'ADA' }, active: false };
    expect(
      settle(create, { kind: 'adopted', status: 200, resource: found }, undefined, { requests: 1, retries: 0 }),
    ).toEqual({
      change: { kind: 'adopt', resource: found },
      followUp: 'thisPass',
    });
  });

  test('a request to an unavailable target is in doubt only if it was sent', () => {
    const unavailable: Outcome = { kind: 'unavailable', detail: 'down' };
    expect(settle(update, unavailable, known, { requests: 0, retries: 0 }).change).toEqual({ kind: 'keep' });
    expect(settle(update, unavailable, known, { requests: 1, retries: 0 }).change).toEqual({
      kind: 'inDoubt',
      paths: ['title', 'nickName'],
    });
  });

  test.each<[string, Outcome, string]>([
    ['was answered with a conflict', { kind: 'unavailable', status: 409, detail: 'taken' }, 'verifyFirst'],
    ['was not sent', { kind: 'unavailable', detail: 'down' }, 'nextPass'],
  ])('a create at a target that became unavailable, which %s', (_, outcome, followUp) => {
    expect(settle(create, outcome, undefined, { requests: 1, retries: 0 }).followUp).toBe(followUp);
  });

  test('a refusal after a retry is in doubt, because the first request may have taken effect', () => {
    const refused: Outcome = { kind: 'rejected', status: 400, detail: '' };
    expect(settle(update, refused, known, { requests: 2, retries: 1 }).change).toEqual({
      kind: 'inDoubt',
      paths: ['title', 'nickName'],
    });
    expect(settle(create, refused, undefined, { requests: 2, retries: 1 }).followUp).toBe('verifyFirst');
  });

  const activeInDoubt = { kind: 'inDoubt', paths: ['active'] };
  const titleInDoubt = { kind: 'inDoubt', paths: ['title'] };
  const oneEdit = { ...update, edits: update.edits.slice(0, 1) };
  test.each<[string, Operation, number, object, string]>([
    ['a create may exist', create, 400, { kind: 'keep' }, 'verifyFirst'],
    ['a deactivation', deactivate, 400, { kind: 'inDoubt', paths: ['active'] }, 'nextPass'],
    ['a reactivation', reactivate, 403, { kind: 'inDoubt', paths: ['active'] }, 'nextPass'],
    ['a deletion', remove, 500, { kind: 'inDoubt', paths: ['active'] }, 'nextPass'],
    ['several edits', update, 400, { kind: 'inDoubt', paths: ['title', 'nickName'] }, 'nextPass'],
    ['one edit', oneEdit, 400, titleInDoubt, 'nextPass'],
    ['one edit at an id that a read shows', oneEdit, 404, titleInDoubt, 'nextPass'],
    ['members were sent alone', members, 400, { kind: 'keep' }, 'nextPass'],
    ['the method does not exist', update, 501, { kind: 'keep' }, 'nextPass'],
    ['the credentials were refused', update, 401, { kind: 'keep' }, 'nextPass'],
    ['the credentials were refused, and access depends on it', deactivate, 401, activeInDoubt, 'nextPass'],
    ['a read has shown it already', deactivate, 200, { kind: 'keep' }, 'nextPass'],
  ])('a refusal and what it leaves in doubt: %s', (_, operation, status, change, followUp) => {
    const refused: Outcome = {
      kind: 'rejected',
      status,
      detail: '',
      ...(operation.action === 'create' ? { mayExist: true } : {}),
    };
    expect(settle(operation, refused, known, { requests: 1, retries: 0 })).toEqual({ change, followUp });
    expect(settle(operation, refused, known, { requests: 0, retries: 0 }).change).toEqual({ kind: 'keep' });
  });

  test('a refused attribute is not acknowledged, and is tried again in the next pass', () => {
    const outcome = done({ refused: ['title'] });
    expect(settle(update, outcome, known, { requests: 2, retries: 0 })).toMatchObject({
      change: { body: { title: 'A' }, inDoubt: { begins: [], ends: ['nickName'] } },
      followUp: 'nextPass',
    });
    expect(stateOf(update, outcome)).toBe('failed');
  });

  test('a refused change of a member may have taken effect, where the outcome names it', () => {
    const refusal: Outcome = { kind: 'rejected', status: 400, detail: '', membersInDoubt: [cyd] };
    expect(settle(members, refusal, undefined, { requests: 2, retries: 0 }).change).toEqual({
      kind: 'membersInDoubt',
      members: [cyd],
    });
    const partly = done({ rejectedMembers: [cyd], membersInDoubt: [cyd] });
    expect(settle(members, partly, undefined, { requests: 2, retries: 0 }).change).toEqual({
      kind: 'members',
      added: [bob],
      removed: [],
      inDoubt: [cyd],
    });
  });

  test('a refused change of active may have taken effect', () => {
    expect(settle(deactivate, done({ refused: ['active'] }), known, { requests: 2, retries: 0 })).toMatchObject({
      change: { inDoubt: { begins: ['active'], ends: [] } },
      followUp: 'nextPass',
    });
  });
});
