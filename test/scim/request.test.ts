import { describe, expect, test } from '@jest/globals';
import { managerPath } from '../../src/model/path.ts';
import { toRequest, type Names } from '../../src/scim/request.ts';
import type { Speech } from '../../src/scim/habits.ts';
import { create, idOf, members, placed, person, remove, resolve, update } from './setting.ts';

const patch: Speech = {
  update: 'patch',
  valuePaths: true,
  ifMatch: false,
  patchOps: 'lower',
  patchPaths: 'always',
  manager: 'reference',
  deactivation: 'active',
  members: { addMembers: 'list', removeMembers: 'filter', memberParts: [], patchOps: 'lower' },
};
const put: Speech = { ...patch, update: 'put' };
const names = (key: string, changes: Partial<Names> = {}): Names => ({
  resolve,
  remoteId: idOf(key),
  version: 'W/"1"',
  ...changes,
});
const user = 'urn:ietf:params:scim:schemas:core:2.0:User';
const group = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const operations = (list: object[]) => ({ schemas: [patchOp], Operations: list });

describe('toRequest', () => {
  test('a create is the whole resource', () => {
    expect(
      toRequest(create('ada', { userName: 'ada', active: true, [managerPath]: 'grace' }), { resolve }, patch),
    ).toEqual({
      kind: 'said',
      unresolved: [],
      leftOut: [],
      request: {
        method: 'POST',
        path: '/Users',
        body: {
          schemas: [user, enterprise],
          userName: 'ada',
          active: true,
          [enterprise]: { manager: { value: 'id-grace' } },
        },
      },
    });
  });

  test('a manager who is not there is left out and named', () => {
    expect(toRequest(create('ada', { userName: 'ada', [managerPath]: 'GRACE' }), { resolve }, patch)).toMatchObject({
      unresolved: [managerPath],
      request: { body: { schemas: [user], userName: 'ada' } },
    });
    expect(
      toRequest(
        update('ada', [
          ['title', null, 'x'],
          [managerPath, null, 'GRACE'],
        ]),
        names('ada'),
        patch,
      ),
    ).toMatchObject({
      unresolved: [managerPath],
      request: { body: { Operations: [{ op: 'add', path: 'title', value: 'x' }] } },
    });
    expect(toRequest(update('ada', [[managerPath, null, 'GRACE']]), names('ada'), patch)).toMatchObject({
      kind: 'unsayable',
      detail: expect.stringMatching(/^dependency/),
    });
  });

  test('an unresolved manager who is not among the edits is no news', () => {
    expect(
      toRequest(update('ada', [['title', null, 'x']], { [managerPath]: 'GRACE' }), names('ada'), patch),
    ).toMatchObject({ unresolved: [] });
  });

  test('an update is a PATCH of its edits', () => {
    expect(
      toRequest(
        update('a|b', [
          ['userName', 'x', 'y'],
          [managerPath, 'old', 'grace'],
        ]),
        names('a|b'),
        patch,
      ),
    ).toMatchObject({
      request: {
        method: 'PATCH',
        path: '/Users/id-a%7Cb',
        body: operations([
          { op: 'replace', path: 'userName', value: 'y' },
          { op: 'replace', path: `${enterprise}:manager`, value: { value: 'id-grace' } },
        ]),
      },
    });
  });

  test('or a PUT of everything, with id and active', () => {
    expect(toRequest(update('ada', [['title', 'x', null]], { userName: 'ada' }), names('ada'), put)).toMatchObject({
      request: {
        method: 'PUT',
        path: '/Users/id-ada',
        body: { schemas: [user], userName: 'ada', active: true, id: 'id-ada' },
      },
    });
    expect(toRequest(update('ada', [['active', true, false]], { userName: 'ada' }), names('ada'), put)).toMatchObject({
      request: { body: { active: false } },
    });
  });

  test.each([
    ['never', patch, undefined],
    ['when the target serves versions', { ...patch, ifMatch: true }, 'W/"1"'],
  ])('If-Match: %s', (_, speech, ifMatch) => {
    const said = toRequest(remove('ada'), names('ada'), speech);
    expect(said).toMatchObject({ request: { method: 'DELETE', path: '/Users/id-ada' } });
    expect(said.kind === 'said' && said.request.ifMatch).toBe(ifMatch);
  });

  test.each([
    ['3', '"3"'],
    ['"3"', '"3"'],
    ['W/"3"', 'W/"3"'],
  ])('the version %s goes as %s', (version, ifMatch) => {
    expect(toRequest(remove('ada'), names('ada', { version }), { ...patch, ifMatch: true })).toMatchObject({
      request: { ifMatch },
    });
  });

  test('members: removals first, one operation each, then one for all that come', () => {
    expect(toRequest(members(['a', 'b"c', 'X'], ['d', 'e', 'Y']), names('eng'), patch)).toEqual({
      kind: 'said',
      unresolved: [],
      leftOut: [person('Y'), person('X')],
      request: {
        method: 'PATCH',
        path: '/Groups/id-eng',
        body: operations([
          { op: 'remove', path: 'members[value eq "id-d"]' },
          { op: 'remove', path: 'members[value eq "id-e"]' },
          { op: 'add', path: 'members', value: [{ value: 'id-a' }, { value: 'id-b"c' }] },
        ]),
      },
    });
    expect(toRequest(members([], ['b"c']), names('eng'), patch)).toMatchObject({
      request: { body: operations([{ op: 'remove', path: 'members[value eq "id-b\\"c"]' }]) },
    });
  });

  test('members of whom nobody is there are not said', () => {
    expect(toRequest(members(['X'], ['Y']), names('eng'), patch)).toMatchObject({
      kind: 'unsayable',
      detail: expect.stringMatching(/^dependency/),
    });
  });

  test('members by PUT: all of them, and the group as it is known', () => {
    const known = { displayName: 'Engineering', externalId: 'eng' };
    const all = () => placed('a', 'b');
    expect(toRequest(members(['c'], ['a']), names('eng', { known, allMembers: all }), put)).toMatchObject({
      request: {
        method: 'PUT',
        path: '/Groups/id-eng',
        body: { schemas: [group], id: 'id-eng', ...known, members: [{ value: 'id-b' }, { value: 'id-c' }] },
      },
    });
    expect(toRequest(members(['c']), names('eng', { known }), put)).toMatchObject({
      kind: 'unsayable',
      detail: expect.stringMatching(/without losing members/),
    });
    expect(
      toRequest(update('eng', [['displayName', 'a', 'b']], {}, 'Group'), names('eng', { allMembers: all }), put),
    ).toMatchObject({
      request: { body: { displayName: 'b', members: [{ value: 'id-a' }, { value: 'id-b' }] } },
    });
    expect(toRequest(update('eng', [['displayName', 'a', 'b']], {}, 'Group'), names('eng'), put)).toMatchObject({
      kind: 'unsayable',
    });
  });

  test('members by PUT have the parts that the target wants of each', () => {
    const wordy = { ...put, members: { ...put.members, memberParts: ['type', 'display'] as const } };
    expect(
      toRequest(
        members(['c']),
        names('eng', {
          known: { displayName: 'Engineering' },
          allMembers: () => placed('a'),
          nameOf: ({ key }) => `Ms ${key}`,
        }),
        wordy,
      ),
    ).toMatchObject({
      request: {
        body: {
          members: [
            { value: 'id-a', type: 'User', display: 'Ms a' },
            { value: 'id-c', type: 'User', display: 'Ms c' },
          ],
        },
      },
    });
  });

  test('what has no account there cannot be changed', () => {
    expect(toRequest(remove('ada'), { resolve }, patch)).toMatchObject({ kind: 'unsayable' });
  });
});
