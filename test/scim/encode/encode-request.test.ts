import { describe, expect, test } from '@jest/globals';
import { managerPath } from '../../../src/model/path.ts';
import { encodeRequest, type EncodingContext } from '../../../src/scim/encode/encode-request.ts';
import type { RequestStyle } from '../../../src/scim/capabilities.ts';
import { create, idOf, members, memberRefs, person, remove, resolve, update } from '../fixtures.ts';

const patch: RequestStyle = {
  updateMethod: 'patch',
  valuePaths: true,
  ifMatch: false,
  patchOps: 'lower',
  patchPaths: 'always',
  manager: 'reference',
  deactivation: 'active',
  memberStyle: { addMembers: 'list', removeMembers: 'filter', memberSubAttributes: [], patchOps: 'lower' },
};
const put: RequestStyle = { ...patch, updateMethod: 'put' };
const names = (key: string, changes: Partial<EncodingContext> = {}): EncodingContext => ({
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

describe('encodeRequest', () => {
  test('a create contains the whole resource', () => {
    expect(
      encodeRequest(create('ada', { userName: 'ada', active: true, [managerPath]: 'grace' }), { resolve }, patch),
    ).toEqual({
      kind: 'encoded',
      unresolved: [],
      unresolvedMembers: [],
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

  test('a manager without an account is left out and reported', () => {
    expect(encodeRequest(create('ada', { userName: 'ada', [managerPath]: 'GRACE' }), { resolve }, patch)).toMatchObject(
      {
        unresolved: [managerPath],
        request: { body: { schemas: [user], userName: 'ada' } },
      },
    );
    expect(
      encodeRequest(
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
    expect(encodeRequest(update('ada', [[managerPath, null, 'GRACE']]), names('ada'), patch)).toMatchObject({
      kind: 'notEncodable',
      detail: expect.stringMatching(/^dependency/),
    });
  });

  test('an unresolved manager that the edits do not change is not reported', () => {
    expect(
      encodeRequest(update('ada', [['title', null, 'x']], { [managerPath]: 'GRACE' }), names('ada'), patch),
    ).toMatchObject({ unresolved: [] });
  });

  test('an update is a PATCH with its edits', () => {
    expect(
      encodeRequest(
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

  test('an update by PUT contains the whole resource, with id and active', () => {
    expect(encodeRequest(update('ada', [['title', 'x', null]], { userName: 'ada' }), names('ada'), put)).toMatchObject({
      request: {
        method: 'PUT',
        path: '/Users/id-ada',
        body: { schemas: [user], userName: 'ada', active: true, id: 'id-ada' },
      },
    });
    expect(
      encodeRequest(update('ada', [['active', true, false]], { userName: 'ada' }), names('ada'), put),
    ).toMatchObject({
      request: { body: { active: false } },
    });
  });

  test.each([
    ['never', patch, undefined],
    ['when the target serves versions', { ...patch, ifMatch: true }, 'W/"1"'],
  ])('If-Match: %s', (_, style, ifMatch) => {
    const encoded = encodeRequest(remove('ada'), names('ada'), style);
    expect(encoded).toMatchObject({ request: { method: 'DELETE', path: '/Users/id-ada' } });
    expect(encoded.kind === 'encoded' && encoded.request.ifMatch).toBe(ifMatch);
  });

  test.each([
    ['3', '"3"'],
    ['"3"', '"3"'],
    ['W/"3"', 'W/"3"'],
  ])('the version %s is sent as %s', (version, ifMatch) => {
    expect(encodeRequest(remove('ada'), names('ada', { version }), { ...patch, ifMatch: true })).toMatchObject({
      request: { ifMatch },
    });
  });

  test('members: one operation for each removal, then one for all additions', () => {
    expect(encodeRequest(members(['a', 'b"c', 'X'], ['d', 'e', 'Y']), names('eng'), patch)).toEqual({
      kind: 'encoded',
      unresolved: [],
      unresolvedMembers: [person('Y'), person('X')],
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
    expect(encodeRequest(members([], ['b"c']), names('eng'), patch)).toMatchObject({
      request: { body: operations([{ op: 'remove', path: 'members[value eq "id-b\\"c"]' }]) },
    });
  });

  test('members without an account are not encodable', () => {
    expect(encodeRequest(members(['X'], ['Y']), names('eng'), patch)).toMatchObject({
      kind: 'notEncodable',
      detail: expect.stringMatching(/^dependency/),
    });
  });

  test('members by PUT: all members and the known attributes of the group', () => {
    const knownResource = { displayName: 'Engineering', externalId: 'eng' };
    const all = memberRefs('a', 'b');
    expect(encodeRequest(members(['c'], ['a']), names('eng', { knownResource, members: all }), put)).toMatchObject({
      request: {
        method: 'PUT',
        path: '/Groups/id-eng',
        body: { schemas: [group], id: 'id-eng', ...knownResource, members: [{ value: 'id-b' }, { value: 'id-c' }] },
      },
    });
    expect(encodeRequest(members(['c']), names('eng', { knownResource }), put)).toMatchObject({
      kind: 'notEncodable',
      detail: expect.stringMatching(/members of eng are not all known/),
    });
    expect(
      encodeRequest(update('eng', [['displayName', 'a', 'b']], {}, 'Group'), names('eng', { members: all }), put),
    ).toMatchObject({
      request: { body: { displayName: 'b', members: [{ value: 'id-a' }, { value: 'id-b' }] } },
    });
    expect(encodeRequest(update('eng', [['displayName', 'a', 'b']], {}, 'Group'), names('eng'), put)).toMatchObject({
      kind: 'notEncodable',
    });
  });

  test('members by PUT have the sub-attributes that the profile names', () => {
    const wordy = { ...put, memberStyle: { ...put.memberStyle, memberSubAttributes: ['type', 'display'] as const } };
    expect(
      encodeRequest(
        members(['c']),
        names('eng', {
          knownResource: { displayName: 'Engineering' },
          members: memberRefs('a'),
          names: new Map([
            ['User:a', 'Ms a'],
            ['User:b', 'Ms b'],
            ['User:c', 'Ms c'],
          ]),
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

  test('a record without an account cannot be changed', () => {
    expect(encodeRequest(remove('ada'), { resolve }, patch)).toMatchObject({ kind: 'notEncodable' });
  });
});
