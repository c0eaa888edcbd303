import { expect, test } from '@jest/globals';
import { remoteId, sourceKey } from '../../../src/model/ids.ts';
import type { RemoteResource } from '../../../src/model/outcome.ts';
import type { FlatResource, KnownState } from '../../../src/model/resource.ts';
import { compareAccount } from '../../../src/sync/drift/compare-account.ts';

const paths = [
  'userName',
  'title',
  'emails[type eq "work"].value',
  'emails[type eq "work"].primary',
  'roles',
  'password',
];
const rules = {
  paths: () => paths,
  supports: { caseInsensitive: [], ignoresPunctuation: [] },
  showsInactive: true,
};

const known = (body: FlatResource, active = true): KnownState => ({
  ...{ resourceType: 'User', key: sourceKey('p1'), remoteId: remoteId('r1'), origin: 'created', body, active },
});

const shown = (body: FlatResource, more: Partial<RemoteResource> = {}): RemoteResource => ({
  ...{ remoteId: remoteId('r1'), body, active: true },
  ...more,
});

const title = (value: string): FlatResource => ({ title: value });

test.each<[string, KnownState, RemoteResource, readonly string[], readonly string[], readonly string[]]>([
  ['equal values', known(title('Nurse')), shown(title('Nurse')), [], [], []],
  ['another value', known(title('Nurse')), shown(title('Boss')), [], ['title'], []],
  ['another letter case and blanks', known(title('Head  Nurse')), shown(title('head nurse ')), [], [], []],
  ['a missing value that others have', known(title('Nurse')), shown({}), ['title'], ['title'], []],
  ['a missing value that no account has', known(title('Nurse')), shown({}), [], [], ['title']],
  ['a password', known({ password: 'x' }), shown({}), ['password'], [], []],
  ['a value that was never written', known({}), shown(title('Boss')), [], [], []],
  ['an element that others added', known({ roles: ['a'] }), shown({ roles: ['b', 'a'] }), [], [], []],
  ['another order', known({ roles: ['a', 'b'] }), shown({ roles: ['b', 'a'] }), [], [], []],
  ['a lost element', known({ roles: ['a', 'b'] }), shown({ roles: ['b'] }), [], ['roles'], []],
  ['primary: false', known({ 'emails[type eq "work"].primary': false }), shown({}), [], [], []],
  ['a leaver who is active', known(title('Nurse'), false), shown(title('Boss')), [], ['active'], []],
  ['a leaver without active', known({}, false), shown({}, { isActiveHidden: true }), [], [], []],
  ['a leaver with another title', known(title('Nurse'), false), shown(title('Boss'), { active: false }), [], [], []],
  ['a closed account', known(title('Nurse')), shown(title('Boss'), { active: false }), [], ['active', 'title'], []],
])('%s', (_, account, resource, shownPaths, differences, hiddenPaths) => {
  const result = compareAccount(account, resource, rules, new Set(shownPaths));
  expect(result.differences.map(({ path }) => path)).toEqual(differences);
  expect(result.hiddenPaths).toEqual(hiddenPaths);
});

test('a closed account whose target hides inactive users differs in nothing else', () => {
  const { differences } = compareAccount(
    known(title('Nurse')),
    shown(title('anonymous'), { active: false }),
    { ...rules, showsInactive: false },
    new Set(),
  );
  expect(differences).toEqual([{ path: 'active', acknowledged: true, shown: false }]);
});
