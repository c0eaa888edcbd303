import { describe, expect, test } from '@jest/globals';
import { managerPath } from '../../../src/model/path.ts';
import { activeOf, parseResource } from '../../../src/scim/judge/parse-resource.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const paths = ['userName', 'active', 'emails[type eq "work"].value', managerPath];

describe('a resource of a response', () => {
  test.each([
    [
      { id: '1', userName: 'ada' },
      { remoteId: '1', active: true, body: { userName: 'ada' } },
    ],
    [
      { ID: '1', USERNAME: 'ada' },
      { remoteId: '1', active: true, body: { userName: 'ada' } },
    ],
    [
      { id: 1, active: false },
      { remoteId: '1', active: false, body: { active: false } },
    ],
    [
      { id: '1', active: 'False' },
      { remoteId: '1', active: false, body: { active: false } },
    ],
    [
      { id: '1', active: 'true' },
      { remoteId: '1', active: true, body: { active: true } },
    ],
    [
      { id: '1', schemas: null, meta: { version: 'W/"2"' } },
      { remoteId: '1', active: true, body: {}, version: 'W/"2"' },
    ],
    [
      {
        id: '1',
        emails: [
          { type: 'Work', value: 'a@x' },
          { type: 'home', value: 'b@x' },
        ],
      },
      { remoteId: '1', active: true, body: { 'emails[type eq "work"].value': 'a@x' } },
    ],
    [
      { id: '1', [enterprise]: { manager: { value: '5' } } },
      { remoteId: '1', active: true, body: {}, manager: '5' },
    ],
    [
      { id: '1', [enterprise]: { manager: '5' } },
      { remoteId: '1', active: true, body: {}, manager: '5' },
    ],
    [
      { id: '1', [enterprise]: { manager: { value: '6' } } },
      { remoteId: '1', active: true, body: {}, manager: '6' },
    ],
    [
      { id: 'g', members: [{ value: '1' }, { value: 2 }, { display: '?' }] },
      { remoteId: 'g', active: true, body: {}, members: ['1', '2'] },
    ],
    [
      { id: 'g', members: [] },
      { remoteId: 'g', active: true, body: {}, members: [] },
    ],
    [
      { id: 'g', members: null },
      { remoteId: 'g', active: true, body: {} },
    ],
    [{ userName: 'ada' }, undefined],
    [{ id: '' }, undefined],
    [{ id: '..' }, undefined],
    ['text', undefined],
    [null, undefined],
  ])('%j', (resource, expected) => {
    const isHidden = typeof expected === 'object' && activeOf(resource) === undefined;
    expect(parseResource(resource, paths)).toStrictEqual(isHidden ? { ...expected, isActiveHidden: true } : expected);
  });
});
