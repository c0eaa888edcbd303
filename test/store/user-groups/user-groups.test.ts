import { describe, expect, test } from '@jest/globals';
import { instant, sourceKey } from '../../../src/model/ids.ts';
import { person, read, state, type State, type Tables } from '../state.ts';

const group = (key: string, name = key) => ({ key, attributes: { name: [name] } });

/** ada is in eng, which is in all; bob is in all; cyd is in eng by a way in a circle. */
const company: Tables = {
  users: [person('ada'), person('bob'), person('cyd')],
  groups: [group('all'), group('eng'), group('ring'), group('empty')],
  memberships: ['eng>ada', 'all>eng', 'all>bob', 'ring>cyd', 'eng>ring', 'ring>eng', 'ghost>ada', 'all>ghost'],
};

/** `key of the group`, with a question mark where the membership is in doubt. */
async function groupsOf({ store }: State, ...users: readonly string[]): Promise<readonly string[]> {
  const records = await Promise.all(users.map((key) => store.mirror.record('User', sourceKey(key))));
  const found = records.filter((record) => record !== undefined);
  const complete = await store.mirror.openUserGroups().addGroups(found);
  return complete.map(({ key, groups }) => {
    const names = groups?.map((one) => `${one.group.key}${one.isInDoubt ? '?' : ''}`).toSorted();
    return `${key}: ${names?.join(' ') ?? 'unknown'}`;
  });
}

describe('the groups of users', () => {
  test('are direct and nested ones, also in a circle, and only groups that the source has', async () => {
    const at = state();
    await read(at, company);
    expect(await groupsOf(at, 'ada', 'bob', 'cyd')).toEqual(['ada: all eng ring', 'bob: all', 'cyd: all eng ring']);
  });

  test('follow each reading', async () => {
    const at = state();
    await read(at, company);
    await read(at, { ...company, memberships: ['all>bob', 'eng>bob'] });
    expect(await groupsOf(at, 'ada', 'bob')).toEqual(['ada: ', 'bob: all eng']);
    await read(at, { ...company, groups: [group('eng')], memberships: ['all>bob', 'eng>bob'] });
    expect(await groupsOf(at, 'bob')).toEqual(['bob: eng']);
  });

  test('a user with the key of a group is the member, and the group is not', async () => {
    const at = state();
    const tables = { ...company, memberships: ['all>eng', 'eng>ada'] };
    await read(at, tables);
    expect(await groupsOf(at, 'ada')).toEqual(['ada: all eng']);
    await read(at, { ...tables, users: [person('ada'), person('eng')] });
    expect(await groupsOf(at, 'ada', 'eng')).toEqual(['ada: eng', 'eng: all']);
  });

  test('are in doubt where a rejected row may have ended the only way to them', async () => {
    const at = state();
    await read(at, { ...company, memberships: ['eng>ada', 'all>eng', 'all>ada', 'all>bob', 'empty>bob'] });
    const broken = { rejected: 'ragged', text: 'eng ada' };
    await read(at, { ...company, memberships: [broken, 'all>eng', 'all>ada', 'all>bob', 'empty>bob'] });
    expect(await groupsOf(at, 'ada', 'bob')).toEqual(['ada: all eng?', 'bob: all empty']);
    await read(at, { ...company, memberships: [broken, 'all>eng', 'all>bob', 'empty>bob'] });
    expect(await groupsOf(at, 'ada')).toEqual(['ada: all? eng?']);
  });

  test('the way to each group is known', async () => {
    const at = state();
    await read(at, company);
    expect([...(await at.store.mirror.membershipPaths(sourceKey('ada')))]).toEqual([
      ['eng', []],
      ['all', ['eng']],
      ['ring', ['eng']],
    ]);
    expect([...(await at.store.mirror.membershipPaths(sourceKey('ghost')))]).toEqual([]);
  });
});

describe('the users whom a change of groups concerns', () => {
  /** The keys of the candidates after a reading, at a target that was planned before it. */
  async function concerned(before: Tables, now: Tables, ...renamed: readonly string[]): Promise<readonly string[]> {
    const at = state();
    const { number } = await read(at, before);
    await read(at, now);
    const { store, userGroups } = await planned(at);
    await userGroups.selectChanged(number);
    await userGroups.saveRoles(renamed.map((key) => ({ key: sourceKey(key), role: 'another' })));
    await store.selectCandidates({ kind: 'followUp', pass: 1 });
    await userGroups.selectConcernedUsers(number);
    const { page } = await store.candidates(0, 99);
    return page.map(({ resourceType, key }) => `${resourceType} ${key}`).toSorted();
  }

  const planned = async ({ store: all }: State) => {
    const store = await all.target('app');
    return { store, userGroups: store.userGroups };
  };
  const memberships = ['eng>ada', 'all>eng', 'all>bob'];

  test.each<[string, Tables, readonly string[], readonly string[]]>([
    ['nothing changed', { memberships }, [], []],
    ['a user joined a group', { memberships: [...memberships, 'empty>cyd'] }, [], ['User cyd']],
    ['a user left a group', { memberships: ['all>eng', 'all>bob'] }, [], ['User ada']],
    ['a group joined a group', { memberships: [...memberships, 'ring>eng'] }, [], ['User ada']],
    ['a group left a group', { memberships: ['eng>ada', 'all>bob'] }, [], ['User ada']],
    ['a group has another role', { groups: [group('all', 'x'), group('eng')] }, ['all'], ['User ada', 'User bob']],
    ['a group changed, with the same role', { groups: [group('all', 'x'), group('eng')] }, [], []],
    ['a group left the source, its memberships did not', { groups: [group('all')] }, ['eng'], ['User ada']],
    [
      'a user has the key of a group now',
      { users: [...(company.users ?? []), person('eng')] },
      [],
      ['User ada', 'User eng'],
    ],
    ['a user in no group changed', { users: [person('ada'), person('bob'), person('cyd', 'c@x')] }, [], []],
  ])('%s', async (_, changes, renamed, expected) => {
    const before = { ...company, groups: [group('all'), group('eng')], memberships };
    expect(await concerned(before, { ...before, ...changes }, ...renamed)).toEqual(expected);
  });

  test('roles are stored for each target, and compared with the groups that changed', async () => {
    const at = state();
    const { number } = await read(at, company);
    const { userGroups } = await planned(at);
    const seen = async (): Promise<readonly string[]> => {
      const result: string[] = [];
      for (let after = 0; ;) {
        const { page, next } = await userGroups.changed(after, 1);
        if (next === undefined) return result.toSorted();
        after = next;
        for (const { key, record, role } of page) result.push(`${key} ${record === undefined ? '-' : '+'} ${role}`);
      }
    };
    await userGroups.selectChanged('all');
    expect(await seen()).toEqual(['all + undefined', 'empty + undefined', 'eng + undefined', 'ring + undefined']);
    await userGroups.saveRoles([
      { key: sourceKey('all'), role: 'a' },
      { key: sourceKey('eng'), role: 'e' },
    ]);
    await read(at, { ...company, groups: [group('all', 'x'), group('ring'), group('empty')] });
    await userGroups.selectChanged(number);
    expect(await seen()).toEqual(['all + a', 'eng - e']);
    await userGroups.saveRoles([{ key: sourceKey('eng'), role: undefined }]);
    expect(await seen()).toEqual(['all + a', 'eng - undefined']);
    const other = await at.store.target('other');
    await other.userGroups.selectChanged('all');
    expect((await other.userGroups.changed(0, 9)).page.map(({ role }) => role)).toEqual(Array(3).fill(undefined));
    await userGroups.selectChanged('all');
    expect(await seen()).toEqual(['all + undefined', 'empty + undefined', 'ring + undefined']);
    await at.store.targets.forget('app', instant(1));
    expect(at.ask('select count(*) from group_role')).toEqual([0]);
  });
});
