import { describe, expect, test } from '@jest/globals';
import { remoteId } from '../../../src/model/ids.ts';
import type { RemoteResource } from '../../../src/model/outcome.ts';
import type { FlatResource } from '../../../src/model/resource.ts';
import { judgeAbsence, type IdReading } from '../../../src/scim/absence/judge-absence.ts';
import type { Lookup } from '../../../src/scim/read/lookup.ts';

const id = remoteId('1');
const account = (accountId: string, body: FlatResource = {}): RemoteResource => ({
  remoteId: remoteId(accountId),
  body,
  active: true,
});
const found = (resource: RemoteResource, by = 'userName'): Lookup => ({ kind: 'found', resource, by });
const several = (...resources: readonly RemoteResource[]): Lookup => ({
  kind: 'ambiguous',
  detail: '2 accounts',
  resources,
  by: 'externalId',
});
const none: Lookup = { kind: 'none' };
const otherName = account('2', { userName: 'ada', externalId: 'k9' });

describe('an account whose id was answered 404', () => {
  test.each<[string, IdReading, readonly Lookup[], object]>([
    ['is shown by the read', account('1'), [], { kind: 'present', resource: { remoteId: '1' } }],
    ['cannot be read', { unavailable: '403: no' }, [none], { kind: 'unproven', detail: '403: no' }],
    ['has no value to look up', 'notFound', [], { kind: 'unproven' }],
    ['is in no list', 'notFound', [none], { kind: 'missing' }],
    ['is in no list by both names', 'notFound', [none, none], { kind: 'missing' }],
    ['is found under the same id', 'notFound', [found(account('1'))], { kind: 'present' }],
    ['is found under another id', 'notFound', [found(account('2'))], { kind: 'moved', resource: { remoteId: '2' } }],
    [
      'is found under another id by its new name',
      'notFound',
      [none, found(account('2', { externalId: 'k1' }), 'externalId')],
      { kind: 'moved', by: 'externalId' },
    ],
    ['gave its name to another account', 'notFound', [found(otherName)], { kind: 'missing' }],
    ['gave its old name away, and the new one is unknown', 'notFound', [found(otherName), none], { kind: 'missing' }],
    ['is searched with 404', 'notFound', [{ kind: 'none', status: 404 }], { kind: 'unproven' }],
    ['has a name that is looked up with 404', 'notFound', [none, { kind: 'none', status: 410 }], { kind: 'unproven' }],
    ['is searched with 403', 'notFound', [{ kind: 'unavailable', detail: '403' }], { kind: 'unproven', detail: '403' }],
    ['is searched with an ignored filter', 'notFound', [{ kind: 'untrusted', detail: 'x' }], { kind: 'unproven' }],
    [
      'is there twice',
      'notFound',
      [{ kind: 'ambiguous', detail: '2 accounts', resources: [], by: 'userName' }],
      { kind: 'unproven', detail: '2 accounts' },
    ],
    [
      'is found by the name, without externalId',
      'notFound',
      [found(account('2'))],
      { kind: 'moved', resource: { remoteId: '2' }, isUncertain: true },
    ],
    [
      'is found by the name, with its externalId',
      'notFound',
      [found(account('2', { externalId: 'k1' }))],
      { kind: 'moved', resource: { remoteId: '2' }, by: 'userName' },
    ],
    [
      'has an externalId that two others carry',
      'notFound',
      [several(account('2', {}), account('3', {}))],
      { kind: 'moved', resource: { remoteId: '2' }, by: 'externalId', ambiguity: '2 accounts' },
    ],
    [
      'has an externalId that an inactive and an active one carry',
      'notFound',
      [several({ ...account('2'), active: false }, account('3'))],
      { kind: 'moved', resource: { remoteId: '3' } },
    ],
    ['is one of two with its externalId', 'notFound', [several(account('2'), account('1'))], { kind: 'present' }],
    [
      'is found by one look-up, while another one fails',
      'notFound',
      [{ kind: 'unavailable', detail: '503' }, found(account('2'))],
      { kind: 'moved' },
    ],
  ])('%s', (_, reading, lookups, expected) => {
    expect(judgeAbsence(id, reading, lookups, { userName: 'ada', externalId: 'k1' })).toMatchObject(expected);
  });

  test('may have the name of an account without externalId', () => {
    const absence = judgeAbsence(id, 'notFound', [found(otherName)], { userName: 'ada' });
    expect(absence).toMatchObject({ kind: 'moved' });
    expect(absence).not.toHaveProperty('isUncertain');
  });
});
