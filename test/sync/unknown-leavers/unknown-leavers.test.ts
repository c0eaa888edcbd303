import { expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../../src/model/ids.ts';
import type { FlatResource } from '../../../src/model/resource.ts';
import { judgeListedLeaver, type ListedLeaver } from '../../../src/sync/unknown-leavers/unknown-leavers.ts';

interface Row {
  readonly by?: string;
  readonly body?: FlatResource;
  readonly active?: boolean;
  readonly isAmbiguous?: boolean;
  readonly isOwned?: boolean;
  readonly isNameNeeded?: boolean;
  readonly isProtected?: boolean;
}

test.each<[string, Row, string]>([
  ['an active account with the externalId', {}, 'adopt'],
  ['an active account with the name and no externalId', { by: 'userName', body: { userName: 'ada' } }, 'adopt'],
  ['an inactive account', { active: false }, 'leave'],
  ['an account of another record', { isOwned: true }, 'leave'],
  ['a protected account', { isProtected: true }, 'leave'],
  [
    'an account with the name that an active user gets',
    { by: 'userName', body: { userName: 'ada' }, isNameNeeded: true },
    'leave',
  ],
  ['an account with the externalId, whose name an active user gets', { isNameNeeded: true }, 'adopt'],
  ['an account with the name and another externalId', { by: 'userName', body: { externalId: '815' } }, 'leave'],
  ['two accounts', { isAmbiguous: true }, 'ambiguous'],
  ['two accounts, of which another record owns the first', { isAmbiguous: true, isOwned: true }, 'leave'],
])('%s', (_, row, expected) => {
  const leaver: ListedLeaver = {
    record: { resourceType: 'User', key: sourceKey('4711'), active: false, attributes: {} },
    reason: 'inactive',
    identity: { userName: 'ada', externalId: '4711' },
    match: {
      by: row.by ?? 'externalId',
      value: '4711',
      isAmbiguous: row.isAmbiguous ?? false,
      resource: {
        remoteId: remoteId('1'),
        body: row.body ?? { userName: 'ada', externalId: '4711' },
        active: row.active ?? true,
      },
    },
  };
  const { isOwned = false, isNameNeeded = false, isProtected = false } = row;
  expect(judgeListedLeaver(leaver, { isOwned, isNameNeeded, isProtected })).toBe(expected);
});
