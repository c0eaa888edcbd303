import { describe, expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../../src/model/ids.ts';
import type { Edit, ResourceOperation } from '../../../src/model/operation.ts';
import type { Json, KnownState } from '../../../src/model/resource.ts';
import type { NetEffect } from '../../../src/plan/undo/net-effect.ts';
import { undoRecord, type UndoDecision, type UndoInput, type UndoOptions } from '../../../src/plan/undo/undo-record.ts';

const key = sourceKey('1');
const base = { key, remoteId: remoteId('r1'), origin: 'created' } as const;
const user: KnownState = { ...base, resourceType: 'User', body: { userName: 'ada', title: 'new' }, active: true };
const inactive: KnownState = { ...user, active: false };
const group: KnownState = { ...base, resourceType: 'Group', body: { displayName: 'Red' }, active: true };

const options: UndoOptions = {
  leaverPolicy: { action: 'deactivate', deleteAfterDays: undefined, outOfScope: undefined, groups: 'empty' },
  writesInactiveUsers: false,
  supports: {
    ...{ caseInsensitive: [], ignoresPunctuation: [], groupsReadOnly: false },
    ...{ groupNameImmutable: false, immutableAttributes: [] },
  },
};
const deleting: UndoOptions = {
  ...options,
  leaverPolicy: { ...options.leaverPolicy, action: 'delete', groups: 'delete' },
};

const changed = (...edits: readonly Edit[]): NetEffect => ({ kind: 'changed', edits });
const title: Edit = { path: 'title', from: 'old', to: 'new' };
const active = (to: boolean): Edit => ({ path: 'active', from: !to, to });

function decide(effect: NetEffect, known: KnownState | undefined, of: Partial<UndoInput> = {}, by = options) {
  const others = new Map<string, Json>();
  const resourceType = known?.resourceType ?? 'User';
  const input = {
    pass: 7,
    resourceType,
    key,
    effect,
    known,
    isAdopted: false,
    shown: { kind: 'read', others } as const,
  };
  return undoRecord({ ...input, ...of }, by);
}

const shownBesides = (values: Readonly<Record<string, Json>>): Partial<UndoInput> => ({
  shown: { kind: 'read', others: new Map(Object.entries(values)) },
});

/** The operation in short: "update title=old", and the remarks. */
function inShort({ operation, remarks }: UndoDecision): readonly string[] {
  return [...(operation === undefined ? [] : [operationInShort(operation)]), ...remarks.map(({ text }) => text)];
}

const operationInShort = (operation: ResourceOperation): string =>
  [
    operation.action,
    ...('edits' in operation ? operation.edits.map(({ path, to }) => `${path}=${String(to)}`) : []),
  ].join(' ');

describe('what is as the pass left it is taken back', () => {
  test.each<readonly [title: string, decision: UndoDecision, operation: string]>([
    ['a created user', decide({ kind: 'created' }, user), 'deactivate active=false'],
    ['a created user, where leavers are deleted', decide({ kind: 'created' }, user, {}, deleting), 'delete'],
    ['a created group, where groups are deleted', decide({ kind: 'created' }, group, {}, deleting), 'delete'],
    ['a deactivated user', decide(changed(active(false)), inactive), 'reactivate active=true'],
    ['a reactivated user', decide(changed(active(true), title), user), 'deactivate active=false'],
    ['a changed attribute', decide(changed(title), user), 'update title=old'],
    ['a new attribute', decide(changed({ ...title, from: null }), user), 'update title=null'],
    ['a user whose deletion was refused', decide({ kind: 'deleted', body: {} }, inactive), 'reactivate active=true'],
    [
      'what a read shows in spite of an unanswered change',
      decide(changed(title), { ...user, inDoubt: ['title'] }, shownBesides({ title: 'new' })),
      'update title=old',
    ],
    [
      'a user whom an unanswered request did not reactivate',
      decide(changed(active(false)), { ...inactive, inDoubt: ['active'] }, shownBesides({ active: false })),
      'reactivate active=true',
    ],
    [
      'a user who got a value and was deactivated',
      decide(changed(active(false), title), inactive),
      'reactivate active=true title=old',
    ],
  ])('%s', (_, decision, operation) => {
    expect(inShort(decision)).toEqual([operation]);
  });

  test('an update has the complete body after it', () => {
    expect(decide(changed(title), user).operation).toMatchObject({
      edits: [{ path: 'title', from: 'new', to: 'old' }],
      body: { userName: 'ada', title: 'old' },
      reason: 'undo of pass 7',
    });
  });

  test('a deleted account is created with its values, and with another id', () => {
    const body = { userName: 'ada', active: false };
    const { operation, remarks } = decide({ kind: 'deleted', body }, undefined);
    expect(operation).toMatchObject({ action: 'create', name: 'ada', body });
    expect(remarks).toEqual([{ text: 'gets a new id; what the old account owned does not come back', problem: false }]);
  });
});

describe('what is not as the pass left it stays', () => {
  test.each<readonly [title: string, decision: UndoDecision, remark: RegExp]>([
    ['the account is gone', decide(changed(title), undefined), /has no account any more/],
    [
      'a later pass changed the value',
      decide(changed({ ...title, to: 'mid' }), user),
      /title stays "new": pass 7 wrote/,
    ],
    ['the target shows another value', decide(changed(title), user, shownBesides({ title: 'x' })), /title stays "x"/],
    [
      'the target shows no value',
      decide(changed(title), user, shownBesides({ title: null })),
      /title stays empty: pass 7 wrote "new"/,
    ],
    ['a later pass reactivated the user', decide(changed(active(false)), user), /is active again, and stays so/],
    [
      'the target shows the user active',
      decide(changed(active(false)), inactive, shownBesides({ active: true })),
      /is active again/,
    ],
    [
      'an unanswered request changed the value',
      decide(changed(title), { ...user, inDoubt: ['title'] }, shownBesides({ title: 'old' })),
      /title stays "old": pass 7 wrote "new"/,
    ],
    ['a later pass deactivated the user', decide(changed(active(true)), inactive), /is inactive again/],
    ['the user is inactive now', decide(changed(title), inactive), /is inactive now/],
    ['the created user is inactive', decide({ kind: 'created' }, inactive), /is inactive already/],
    ['a created group', decide({ kind: 'created' }, group), /stays, without the members/],
    ['a deleted user was created again', decide({ kind: 'deleted', body: {} }, user), /has an account again/],
  ])('%s', (_, { operation, remarks }, remark) => {
    expect(operation).toBeUndefined();
    expect(remarks).toEqual([{ text: expect.stringMatching(remark), problem: false }]);
  });

  test('the other attributes are taken back all the same', () => {
    const mail: Edit = { path: 'nickName', from: null, to: 'a' };
    expect(inShort(decide(changed(mail, title), user))).toEqual([
      'update title=old',
      'nickName stays empty: pass 7 wrote "a", and it was changed since',
    ]);
  });
});

describe('what cannot be taken back is a problem', () => {
  test.each<readonly [title: string, decision: UndoDecision, remark: RegExp]>([
    ['the values were not kept', decide({ kind: 'deleted', body: undefined }, undefined), /cannot be created again/],
    ['the account was replaced', decide({ kind: 'replaced' }, user), /was deleted and created again/],
    [
      'it cannot be read',
      decide(changed(title), user, { shown: { kind: 'unread', detail: '500' } }),
      /stays as it is: 500/,
    ],
    ['a later change got no answer', decide(changed(title), { ...user, inDoubt: ['title'] }), /was not answered/],
  ])('%s', (_, { operation, remarks }, remark) => {
    expect(operation).toBeUndefined();
    expect(remarks).toEqual([{ text: expect.stringMatching(remark), problem: true }]);
  });
});

test('nothing is to be taken back where nothing came of the pass', () => {
  expect(decide(changed(), user)).toEqual({ operation: undefined, remarks: [] });
});

test('an adopted account stays managed', () => {
  expect(inShort(decide(changed(title), user, { isAdopted: true }))).toEqual([
    'update title=old',
    'was adopted by pass 7, and stays managed',
  ]);
});
