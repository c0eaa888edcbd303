import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { directoryFixture, type DirectoryFixture } from '../../../world/directory/directory-fixture.ts';
import { describeOn } from '../../../world/directory/servers/describe-on.ts';
import {
  deleteRecord,
  group,
  groupDn,
  addMembers,
  removeMembers,
  renameRecord,
  replaceRecord,
  unit,
  user,
  userDn,
} from '../../../world/directory/ldif/samba-entries.ts';
import { domain, startSamba, type Samba } from '../../../world/directory/servers/samba.ts';
import { ldapTool } from '../../../world/directory/servers/server.ts';
import { expectExitCode, writes } from '../../../world/fixture.ts';
import { unlimitedGuard } from '../../../world/limits.ts';

jest.setTimeout(180_000);

describeOn('samba', 'memberships of Active Directory', () => {
  let samba: Samba;
  let at: DirectoryFixture;
  let count = 0;
  /** Of each test: its own unit with people and groups, and a unit beside it. Logins are unique in a domain. */
  let base: string;
  let out: string;
  let people: string;
  let groups: string;
  beforeAll(async () => {
    samba = await startSamba();
  });
  afterAll(async () => {
    await samba[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    count += 1;
    [base, out] = [`OU=In${count},${domain}`, `OU=Out${count},${domain}`];
    [people, groups] = [`OU=People,${base}`, `OU=Groups,${base}`];
    await samba.change([unit(`In${count}`), unit(`Out${count}`), unit('People', base), unit('Groups', base)].join(''));
    at = await directoryFixture(
      samba,
      {
        directory: 'activeDirectory',
        users: { base },
        groups: { base },
        sanity: { maxShrink: '100%' },
      },
      { guard: unlimitedGuard, mapping: { user: { userName: 'user.cn' } } },
    );
  });
  afterEach(async () => {
    await at[Symbol.asyncDispose]();
  });

  const person = (cn: string, values = {}, parent = people): string =>
    user(`${cn.replace(/\W/g, '')}${count}`, values, { cn, parent });
  const team = (cn: string, members: readonly string[] = [], parent = groups): string =>
    group(`${cn.replace(/\W/g, '')}${count}`, members, { cn, parent });
  const p = (cn: string, parent = people): string => userDn(cn, parent);
  const g = (cn: string, parent = groups): string => groupDn(cn, parent);
  /** One pass, and what it wrote. */
  const pass = async (...args: string[]): Promise<readonly string[]> => {
    at.app.log.splice(0);
    expectExitCode(await at.pass(...args), 0);
    return writes(at.app.log)
      .map(
        ({ method, path }) => `${method} ${path.replace(/\/[^/]*$/, '') === '' ? path : path.replace(/[^/]*$/, '*')}`,
      )
      .sort();
  };
  /** The same by a complete reading: whatever the changes before it have missed would show. */
  const nothingMissed = async (): Promise<void> => {
    expect(await pass()).toEqual([]);
    const other = await directoryFixture(
      samba,
      { directory: 'activeDirectory', users: { base }, groups: { base } },
      { mapping: { user: { userName: 'user.cn' } } },
    );
    try {
      expectExitCode(await other.pass(), 0);
      expect(at.members()).toEqual(other.members());
    } finally {
      await other[Symbol.asyncDispose]();
    }
  };

  test('users who are disabled or outside the base are in no group; neither are groups outside it', async () => {
    await samba.change(
      [
        person('ada'),
        person('off', { userAccountControl: '546' }),
        person('far', {}, out),
        team('beyond', [p('far', out)], out),
        team('crew', [p('ada'), p('off'), p('far', out), g('beyond', out)]),
      ].join(''),
    );
    await pass();
    expect(at.members()).toEqual({ crew: ['ada'] });
    await samba.change(
      replaceRecord(p('off'), { userAccountControl: '544' }) + replaceRecord(p('ada'), { userAccountControl: '546' }),
    );
    await pass();
    expect(at.members()).toEqual({ crew: ['off'] });
    await nothingMissed();
  });

  test('the primary group counts, and another one after it was changed', async () => {
    await samba.change(
      [
        person('ada'),
        person('bob'),
        team('first'),
        team('second'),
        addMembers(g('first'), p('ada')),
        addMembers(g('second'), p('ada'), p('bob')),
      ].join(''),
    );
    const token = async (dn: string): Promise<string> =>
      /^primaryGroupToken: (.+)$/m.exec(
        await ldapTool(samba, 'ldapsearch', ['-LLL', '-b', dn, 'primaryGroupToken']),
      )?.[1] ?? '';
    const both = { first: ['ada'], second: ['ada', 'bob'] };
    await pass();
    expect(at.members()).toEqual(both);
    await samba.change(replaceRecord(p('ada'), { primaryGroupID: await token(g('first')) }));
    expect(await ldapTool(samba, 'ldapsearch', ['-LLL', '-b', g('first'), 'member'])).not.toContain('member:');
    expect(await pass()).toEqual([]);
    expect(at.members()).toEqual(both);
    await samba.change(replaceRecord(p('ada'), { primaryGroupID: await token(g('second')) }));
    expect(await pass()).toEqual([]);
    await samba.change(removeMembers(g('first'), p('ada')));
    expect(await pass()).toEqual(['PATCH /Groups/*']);
    expect(at.members()).toEqual({ first: [], second: ['ada', 'bob'] });
    await nothingMissed();
  });

  test.each<['flatten' | 'keep', Record<string, string[]>, Record<string, string[]>]>([
    [
      'flatten',
      { outer: ['ada', 'bob', 'eve'], middle: ['ada', 'bob', 'eve'], inner: ['ada', 'bob', 'eve'] },
      { outer: ['ada'], middle: ['bob', 'eve'], inner: ['bob', 'eve'] },
    ],
    [
      'keep',
      { outer: ['ada', 'middle'], middle: ['bob', 'inner'], inner: ['eve', 'outer'] },
      { outer: ['ada'], middle: ['bob', 'inner'], inner: ['eve', 'middle'] },
    ],
  ])('a ring of groups ends (%s), also when it is opened', async (nested, ring, opened) => {
    at.configure({ groups: { base, nested } });
    await samba.change(
      [
        person('ada'),
        person('bob'),
        person('eve'),
        team('inner', [p('eve')]),
        team('middle', [p('bob'), g('inner')]),
        team('outer', [p('ada'), g('middle')]),
        addMembers(g('inner'), g('outer')),
      ].join(''),
    );
    await pass();
    expect(at.members()).toEqual(ring);
    await samba.change(
      [
        removeMembers(g('outer'), g('middle')),
        removeMembers(g('inner'), g('outer')),
        addMembers(g('inner'), g('middle')),
      ].join(''),
    );
    await pass();
    expect(at.members()).toEqual(opened);
  });

  test('nested groups outside the filter pass on their members', async () => {
    at.configure({ groups: { base, filter: '(description=app)' } });
    await samba.change(
      [
        person('ada'),
        person('bob'),
        team('hidden', [p('ada')]),
        team('app', [g('hidden')]),
        replaceRecord(g('app'), { description: 'app' }),
      ].join(''),
    );
    await pass();
    expect(at.members()).toEqual({ app: ['ada'] });
    await samba.change(addMembers(g('hidden'), p('bob')) + removeMembers(g('hidden'), p('ada')));
    await pass();
    expect(at.members()).toEqual({ app: ['bob'] });
  });

  test('3,100 members, more than two ranges, and one more', async () => {
    const logins = Array.from({ length: 40 }, (_, index) => `m${index}`);
    await samba.change(logins.map((login) => person(login)).join('') + team('crowd'));
    // Contacts outside the base are cheaper for the server than users.
    const others = Array.from({ length: 3060 }, (_, index) => `CN=c${index},${out}`);
    await samba.change(others.map((dn) => `dn: ${dn}\nobjectClass: contact\n\n`).join(''));
    await samba.change(
      addMembers(g('crowd'), ...others.slice(0, 2000), ...logins.map((login) => p(login)).slice(1)) +
        addMembers(g('crowd'), ...others.slice(2000)),
    );
    await pass();
    expect(at.members()['crowd']).toEqual(logins.slice(1).sort());
    await samba.change(addMembers(g('crowd'), p('m0')));
    expect(await pass()).toEqual(['PATCH /Groups/*']);
    expect(at.members()['crowd']).toEqual([...logins].sort());
  });

  const strange = [
    'Smith, Jr.',
    'Weiß "Rot"',
    'a+b=c',
    '#4711',
    'Zoë 🚲',
    ' blank at both ends ',
    'back\\slash',
    '<angle>; done',
    'ﬁne ẞ',
  ];
  test('names that are hard to spell are members, are renamed and are moved', async () => {
    await samba.change(
      [
        unit('Sub', people),
        ...strange.map((cn) => person(cn)),
        team(
          'crew, the "first"',
          strange.map((cn) => p(cn)),
        ),
      ].join(''),
    );
    await pass();
    const held = (): readonly string[] => Object.values(at.members())[0] ?? [];
    expect(Object.keys(at.members())).toEqual(['crew, the "first"']);
    expect(held()).toHaveLength(strange.length);
    await samba.change(
      strange
        .map((cn) =>
          renameRecord(p(cn), `CN=${p(`${cn}!`).slice('CN='.length, -people.length - 1)}`, `OU=Sub,${people}`),
        )
        .join(''),
    );
    expect(await pass()).toEqual(strange.map(() => 'PATCH /Users/*'));
    expect(held()).toHaveLength(strange.length);
    expect(held().every((name) => name.endsWith('!'))).toBe(true);
    await nothingMissed();
  });

  test('a rename, a move and a moved unit are updates of the same users, who keep their memberships', async () => {
    at.configure({}, { mapping: { user: { userName: 'user.cn', title: 'user.dn' } } });
    await samba.change(
      [
        unit('Sub', people),
        person('ada'),
        person('bob', { manager: p('ada') }),
        person('eve', { manager: p('ada') }, `OU=Sub,${people}`),
        team('crew', [p('ada'), p('bob'), p('eve', `OU=Sub,${people}`)]),
      ].join(''),
    );
    await pass();
    expect(at.members()).toEqual({ crew: ['ada', 'bob', 'eve'] });
    const ids = [...at.app.users.keys()];
    await samba.change(renameRecord(p('ada'), 'CN=ada lovelace'));
    expect(await pass()).toEqual(['PATCH /Users/*']);
    await samba.change(renameRecord(p('bob'), 'CN=bob', `OU=Sub,${people}`));
    expect(await pass()).toEqual(['PATCH /Users/*']);
    await samba.change(renameRecord(`OU=Sub,${people}`, 'OU=Moved', groups));
    expect(await pass()).toEqual(['PATCH /Users/*', 'PATCH /Users/*']);
    expect(Object.fromEntries([...at.app.users.values()].map(({ data }) => [data['userName'], data['title']]))).toEqual(
      {
        'ada lovelace': p('ada lovelace'),
        bob: p('bob', `OU=Moved,${groups}`),
        eve: p('eve', `OU=Moved,${groups}`),
      },
    );
    await samba.change(renameRecord(g('crew'), 'CN=the crew', people));
    expect(await pass()).toEqual(['PATCH /Groups/*']);
    expect(at.members()).toEqual({ 'the crew': ['ada lovelace', 'bob', 'eve'] });
    expect([...at.app.users.keys()]).toEqual(ids);
    await nothingMissed();
  });

  test('a user who enters the base has the memberships from before', async () => {
    await samba.change(
      [person('ada'), person('far', {}, out), team('beyond', [p('ada')], out), team('crew', [p('far', out)])].join(''),
    );
    await pass();
    expect(at.members()).toEqual({ crew: [] });
    await samba.change(renameRecord(p('far', out), 'CN=near', people));
    await pass();
    expect(at.members()).toEqual({ crew: ['near'] });
    await nothingMissed();
  });

  test('a user who leaves the base and returns elsewhere has the memberships again', async () => {
    await samba.change(
      [unit('Sub', people), person('ada'), person('bob'), team('crew', [p('ada'), p('bob')])].join(''),
    );
    await pass();
    await samba.change(renameRecord(p('bob'), 'CN=bob', out));
    await pass();
    expect(at.members()).toEqual({ crew: ['ada'] });
    await samba.change(renameRecord(p('bob', out), 'CN=bob', `OU=Sub,${people}`));
    await pass();
    expect(at.members()).toEqual({ crew: ['ada', 'bob'] });
    await nothingMissed();
  });

  test('a group that comes into the base is in the groups that name it', async () => {
    await samba.change([person('ada'), team('inner', [p('ada')], out), team('outer', [g('inner', out)])].join(''));
    await pass();
    expect(at.members()).toEqual({ outer: [] });
    await samba.change(renameRecord(g('inner', out), 'CN=inner', groups));
    await pass();
    expect(at.members()).toEqual({ inner: ['ada'], outer: ['ada'] });
    await nothingMissed();
  });

  test('a new user with the name of a leaver has neither the memberships nor the reports', async () => {
    await samba.change(
      [
        person('ada', { givenName: 'Ada', sn: 'Lovelace' }),
        person('bob', { manager: p('ada') }),
        team('crew', [p('ada'), p('bob')]),
      ].join(''),
    );
    await pass();
    const other = { givenName: 'Adam', sn: 'Smith' };
    await samba.change(deleteRecord(p('ada')) + user(`second${count}`, other, { cn: 'ada', parent: people }));
    await pass();
    expect(at.members()).toEqual({ crew: ['bob'] });
    await nothingMissed();
  });
});
