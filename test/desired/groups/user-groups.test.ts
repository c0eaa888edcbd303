import { describe, expect, test } from '@jest/globals';
import { compileTargetMapping, type ColumnNames, type TargetMappingSpec } from '../../../src/desired/target-mapping.ts';
import { sourceKey } from '../../../src/model/ids.ts';
import type { SourceRecord } from '../../../src/model/record.ts';
import type { Json } from '../../../src/model/resource.ts';
import { profileWith } from '../../world/profile.ts';

const { supports } = profileWith({});
const columns: ColumnNames = { users: ['userName'], groups: ['name', 'kind'] };

const group = (key: string, name?: string, kind = ''): SourceRecord => ({
  resourceType: 'Group',
  key: sourceKey(key),
  active: true,
  attributes: {
    ...(name === undefined ? {} : { name: [name] }),
    ...(kind === '' ? {} : { kind: [kind] }),
  },
});

const user = (...groups: readonly SourceRecord[]): SourceRecord => ({
  resourceType: 'User',
  key: sourceKey('u'),
  active: true,
  attributes: { userName: ['ada'] },
  groups: groups.map((one) => ({ group: one, isInDoubt: false })),
});

const [chat, sales, admins] = [group('c', 'Chat users'), group('s', 'Sales', 'app'), group('a', 'crm-admins', 'app')];

const compile = (spec: Partial<TargetMappingSpec>, known = columns) =>
  compileTargetMapping({ supports, mapping: { user: { userName: 'user.userName' } }, ...spec }, known);

describe('the scope of a user', () => {
  const outcome = (scope: TargetMappingSpec['scope'], ...groups: readonly SourceRecord[]): string => {
    const desired = compile({ scope }).desire(user(...groups));
    return desired.kind === 'absent' ? desired.reason : desired.kind;
  };

  test.each<[string, NonNullable<TargetMappingSpec['scope']>, readonly SourceRecord[], string]>([
    ['a group by its name', { users: `'Chat users' in groups` }, [chat], 'present'],
    ['letter case counts', { users: `'chat users' in groups` }, [chat], 'outOfScope'],
    ['another group', { users: `'Chat users' in groups` }, [sales], 'outOfScope'],
    ['no group', { users: `'Chat users' in groups` }, [], 'outOfScope'],
    ['a group by its key', { users: `'s' in groupKeys` }, [sales], 'present'],
    ['a prefix of a name', { users: `groups.exists(g, g.startsWith('crm-'))` }, [admins], 'present'],
    ['a group that excludes', { users: `!('Sales' in groups)` }, [sales], 'outOfScope'],
    ['the number of groups', { users: `size(groups) == 2` }, [sales, chat], 'present'],
    ['the first group of a user without groups', { users: `groups[0] == 'Sales'` }, [], 'outOfScope'],
    ['an expression that fails for these groups', { users: `int(groups[0]) > 1` }, [sales], 'rejected'],
    [
      'only members, and a group in scope',
      { groups: `group.kind == 'app'`, onlyMembers: true },
      [chat, sales],
      'present',
    ],
    ['only members, and no group in scope', { groups: `group.kind == 'app'`, onlyMembers: true }, [chat], 'outOfScope'],
    ['only members, and no group', { groups: `group.kind == 'app'`, onlyMembers: true }, [], 'outOfScope'],
    ['only members of any group', { onlyMembers: true }, [chat], 'present'],
    ['only members of any group, and no group', { onlyMembers: true }, [], 'outOfScope'],
    [
      'only members, with another condition',
      { users: `user.userName == 'bob'`, onlyMembers: true },
      [chat],
      'outOfScope',
    ],
    [
      'a group whose scope fails: the account stays',
      { groups: `int(group.name) > 1`, onlyMembers: true },
      [chat],
      'rejected',
    ],
    [
      'a group whose scope fails, beside one in scope',
      { groups: `group.kind == 'app' || int(group.name) > 1`, onlyMembers: true },
      [sales, chat],
      'present',
    ],
    [
      'a failing scope does not count where the user is out of scope anyway',
      { users: 'false', groups: `int(group.name) > 1`, onlyMembers: true },
      [chat],
      'outOfScope',
    ],
  ])('%s', (_, scope, groups, expected) => {
    expect(outcome(scope, ...groups)).toBe(expected);
  });

  test('is never decided without the groups of the user', () => {
    const { groups: _, ...unknown } = user();
    expect(() => compile({ scope: { onlyMembers: true } }).desire(unknown)).toThrow('groups');
    expect(compile({ scope: { users: 'true' } }).desire(unknown)).toMatchObject({ kind: 'present' });
  });
});

describe('a mapping', () => {
  const valueOf = (text: string, ...groups: readonly SourceRecord[]): Json | undefined => {
    const desired = compile({ mapping: { user: { userName: 'user.userName', roles: text } } }).desire(user(...groups));
    return desired.kind === 'present' ? desired.body['roles'] : desired.kind;
  };

  test.each<[string, readonly SourceRecord[], Json | undefined]>([
    [`groups.exists(g, g == 'crm-admins') ? ['admin'] : ['member']`, [admins], [{ value: 'admin' }]],
    [`groups.exists(g, g == 'crm-admins') ? ['admin'] : ['member']`, [], [{ value: 'member' }]],
    ['groups', [sales, chat], [{ value: 'Chat users' }, { value: 'Sales' }]],
    ['groupKeys', [sales, chat], [{ value: 'c' }, { value: 's' }]],
    ['groups', [], undefined],
    [`groups.filter(g, g.startsWith('crm-')).map(g, g.substring(4))`, [sales, admins], [{ value: 'admins' }]],
  ])('%s', (text, groups, expected) => {
    expect(valueOf(text, ...groups)).toEqual(expected);
  });

  test('of active makes a user inactive by a group', () => {
    const mapping = { user: { userName: 'user.userName', active: `!('Sales' in groups)` } };
    expect(compile({ mapping }).desire(user(sales))).toEqual({ kind: 'absent', reason: 'inactive' });
  });

  test('lists names and keys in the same order, with equal names by key', () => {
    const staff = [group('2', 'Staff'), group('1', 'Staff'), group('9', 'A')];
    expect(valueOf('groupKeys', ...staff)).toEqual([{ value: '9' }, { value: '1' }, { value: '2' }]);
  });
});

describe('the name of a group', () => {
  const namesIn = (spec: Partial<TargetMappingSpec>, known: ColumnNames, ...groups: readonly SourceRecord[]): Json => {
    const mapping = { user: { userName: 'user.userName', nickName: `groups.join('+')` } };
    const desired = compile({ mapping, ...spec }, known).desire(user(...groups));
    return desired.kind === 'present' ? (desired.body['nickName'] ?? null) : desired.kind;
  };
  const titled = { ...group('t'), attributes: { title: ['Title'], displayName: ['Display'], cn: ['cn'] } };

  test.each<[string, ColumnNames, string | undefined, string]>([
    ['displayName', { users: [], groups: ['title', 'displayName', 'cn'] }, undefined, 'Display'],
    ['cn', { users: [], groups: ['title', 'cn'] }, undefined, 'cn'],
    ['the key, without such a column', { users: [], groups: ['title'] }, undefined, 't'],
    ['the configured column', { users: [], groups: ['title', 'displayName'] }, 'title', 'Title'],
    ['the default mapping of a directory', { ...directory('group.cn') }, undefined, 'cn'],
    ['the configured attribute of a directory', { ...directory('group.cn') }, 'title', 'Title'],
    ['the key, where the group has no name', { users: [], groups: ['name'] }, undefined, 't'],
  ])('is %s', (_, known, groupName, expected) => {
    expect(namesIn({ groupName }, known, titled)).toBe(expected);
  });

  test('does not depend on the mapping of the target', () => {
    const mapping = {
      user: { userName: 'user.userName', nickName: `groups.join('+')` },
      group: { displayName: `'Group of ' + group.name` },
    };
    expect(namesIn({ mapping }, columns, sales)).toBe('Sales');
  });

  function directory(displayName: string): ColumnNames {
    return { users: [], groups: [], mapping: { user: { userName: 'user.uid' }, group: { displayName } } };
  }
});

describe('which groups a target looks at', () => {
  test.each<[string, Partial<TargetMappingSpec>, boolean]>([
    ['no rule', {}, false],
    ['a rule with an attribute called groups', { scope: { users: `user.groups == 'x'` } }, false],
    ['a scope with groups', { scope: { users: `'x' in groups` } }, true],
    ['a mapping with groups', { mapping: { user: { userName: 'user.userName', roles: 'groupKeys' } } }, true],
    ['only members', { scope: { onlyMembers: true } }, true],
    ['a scope of groups', { scope: { groups: `group.name == 'x'` } }, false],
  ])('%s', (_, spec, uses) => {
    expect(compile(spec).groupRules !== undefined).toBe(uses);
  });

  test('reads the name of groups only if a rule needs names', () => {
    const groupsOf = (users: string): readonly string[] => {
      const spec = { scope: { users }, supports: { ...supports, groups: false } };
      return [...(compile(spec, { users: [], groups: ['kind', 'cn'] }).usedAttributes.groups ?? [])];
    };
    expect(groupsOf(`'x' in groups`)).toContain('cn');
    const named = compile({ scope: { users: `'x' in groups` }, groupName: 'title' }, { users: [], groups: ['name'] });
    expect([...(named.usedAttributes.groups ?? [])]).toContain('title');
    const keyed = compile(
      { scope: { users: `'x' in groupKeys` }, groupName: 'title' },
      { users: [], groups: ['name'] },
    );
    expect([...(keyed.usedAttributes.groups ?? [])]).not.toContain('title');
  });

  test('the column of names has a role, so that its loss refuses the reading', () => {
    expect([...compile({ scope: { users: `'x' in groups` } }).implicitColumns.groups]).toContainEqual([
      'the name of groups',
      'name',
    ]);
    expect([...compile({}).implicitColumns.groups]).not.toContainEqual(['the name of groups', 'name']);
  });

  test.each<[string, TargetMappingSpec['scope'], SourceRecord, SourceRecord, boolean]>([
    ['another name', { users: `'x' in groups` }, group('g', 'one'), group('g', 'two'), true],
    ['another attribute', { users: `'x' in groups` }, group('g', 'one'), group('g', 'one', 'app'), false],
    ['another name, where keys count', { users: `'x' in groupKeys` }, group('g', 'one'), group('g', 'two'), false],
    ['another scope', onlyApps(), group('g', 'one'), group('g', 'one', 'app'), true],
    ['another name, where the scope counts', onlyApps(), group('g', 'one', 'app'), group('g', 'two', 'app'), false],
  ])('%s changes the role of a group: see the last column', (_, scope, before, now, changes) => {
    const { groupRules } = compile({ scope });
    expect(groupRules?.roleOf(before) !== groupRules?.roleOf(now)).toBe(changes);
  });

  test('is part of the fingerprint: names and onlyMembers', () => {
    const fingerprints = [
      compile({}),
      compile({ scope: { onlyMembers: true } }),
      compile({ scope: { users: `'x' in groups` } }),
      compile({ scope: { users: `'x' in groups` }, groupName: 'kind' }),
    ].map(({ fingerprint }) => fingerprint);
    expect(new Set(fingerprints).size).toBe(4);
  });

  function onlyApps(): TargetMappingSpec['scope'] {
    return { groups: `group.kind == 'app'`, onlyMembers: true };
  }
});

describe('the explanation', () => {
  test('names the groups that decide scope and values', () => {
    const mapping = {
      user: { userName: 'user.userName', roles: `'crm-admins' in groups ? ['admin'] : ['member']`, title: `'x'` },
    };
    const { scope, groups, paths } = compile({
      scope: { groups: `group.kind == 'app'`, onlyMembers: true },
      mapping,
    }).explain(user(chat, sales, admins));
    expect(groups?.map(({ key, scope: { kind } }) => [key, kind])).toEqual([
      ['c', 'out'],
      ['s', 'in'],
      ['a', 'in'],
    ]);
    expect(scope.decidedBy).toMatchObject({ kind: 'each', groups: [{ key: 's' }, { key: 'a' }] });
    const decided = Object.fromEntries(
      paths.map(({ path, decidedBy }) => [path, decidedBy?.groups.map(({ key }) => key)]),
    );
    expect(decided).toMatchObject({ roles: ['a'], title: undefined });
  });

  test('has no groups where no rule depends on them', () => {
    const { groups: _, ...unknown } = user();
    expect(compile({}).explain(unknown)).not.toHaveProperty('groups');
  });
});
