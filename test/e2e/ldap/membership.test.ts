import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { groupOfNames, groupOfUniqueNames, groupOfUrls, posixGroup } from '../../world/directory/ldif/group-entries.ts';
import { ldifEntry } from '../../world/directory/ldif/ldif-entry.ts';
import { startSlapd, type Slapd } from '../../world/directory/servers/slapd.ts';
import { person, createUnit as newUnit } from '../../world/directory/create-unit.ts';
import { expectExitCode, drainLog, writes } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';

jest.setTimeout(60_000);

let slapd: Slapd;
beforeAll(async () => {
  slapd = await startSlapd({ overlays: ['refint', 'syncprov'] });
});
afterAll(async () => {
  await slapd[Symbol.asyncDispose]();
});

/** ada, bob, eve and kim below ou=people, groups below ou=groups, both in a unit of the test's own. */
interface MembershipFixture {
  readonly base: string;
  readonly people: string;
  readonly groups: string;
  dn(uid: string): string;
  cn(name: string): string;
}

async function membershipFixture(
  name: string,
  people: Parameters<typeof newUnit>[2] = { ada: {}, bob: {}, eve: {}, kim: {} },
): Promise<MembershipFixture> {
  const base = await newUnit(slapd, name, {});
  const inside = { suffix: base, change: (ldif: string) => slapd.change(ldif) };
  const [peopleBase, groupsBase] = [await newUnit(inside, 'people', people), await newUnit(inside, 'groups', {})];
  return {
    base,
    people: peopleBase,
    groups: groupsBase,
    dn: (uid) => `uid=${uid},${peopleBase}`,
    cn: (group) => `cn=${group},${groupsBase}`,
  };
}

const looking = (
  at: MembershipFixture,
  groups: Readonly<Record<string, unknown>> = {},
  target: Readonly<Record<string, unknown>> = {},
): Promise<DirectoryFixture> =>
  directoryFixture(slapd, { users: { base: at.people }, groups: { base: at.groups, ...groups } }, target);

const add = (...entries: readonly string[]): Promise<void> => slapd.change(entries.join('\n'));
const modify = (dn: string, how: 'add' | 'delete' | 'replace', attribute: string, value: string): Promise<void> =>
  slapd.change(`dn: ${dn}\nchangetype: modify\n${how}: ${attribute}\n${attribute}: ${value}\n`);

describe('groups by name, login and search', () => {
  test('have the members of their entries, and follow changes', async () => {
    const at = await membershipFixture('kinds');
    await add(
      groupOfNames('names', at.groups, [at.dn('ada'), at.dn('bob')]),
      groupOfUniqueNames('unique', at.groups, [at.dn('bob'), `${at.dn('eve')}#'0101'B`]),
      posixGroup('posix', at.groups, ['ada', ' KIM ', 'ghost']),
      groupOfUrls('urls', at.groups, `ldap:///${at.people}??sub?(|(uid=eve)(uid=kim))`),
      groupOfNames('mixed', at.groups, at.dn('ada'), {
        objectClass: ['groupOfNames', 'extensibleObject'],
        uniqueMember: at.dn('bob'),
        memberUid: 'eve',
        memberURL: `ldap:///${at.dn('kim')}`,
      }),
    );
    await using fixture = await looking(at);
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual({
      names: ['ada', 'bob'],
      unique: ['bob', 'eve'],
      posix: ['ada', 'kim'],
      urls: ['eve', 'kim'],
      mixed: ['ada', 'bob', 'eve', 'kim'],
    });

    await modify(at.cn('posix'), 'delete', 'memberUid', 'ada');
    await modify(at.cn('mixed'), 'delete', 'memberUid', 'eve');
    await modify(at.cn('unique'), 'add', 'uniqueMember', at.dn('ada'));
    await modify(at.cn('names'), 'replace', 'member', at.dn('kim'));
    drainLog(fixture.app);
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual({
      names: ['kim'],
      unique: ['ada', 'bob', 'eve'],
      posix: ['kim'],
      urls: ['eve', 'kim'],
      mixed: ['ada', 'bob', 'kim'],
    });
    expect(writes(fixture.app.log).map(({ method }) => method)).toEqual(['PATCH', 'PATCH', 'PATCH', 'PATCH']);
    drainLog(fixture.app);
    expectExitCode(await fixture.pass('--full'), 0);
    expect(writes(fixture.app.log)).toEqual([]);
  });

  test('by login follow a person who gets another login, and one who gets the login of another', async () => {
    const at = await membershipFixture('logins');
    await add(posixGroup('posix', at.groups, ['ada', 'joiner']));
    await using fixture = await looking(at);
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual({ posix: ['ada'] });
    await slapd.change(`dn: ${at.dn('bob')}\nchangetype: modrdn\nnewrdn: uid=joiner\ndeleteoldrdn: 1\n`);
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual({ posix: ['ada', 'joiner'] });
    await slapd.change(`dn: ${at.dn('ada')}\nchangetype: modrdn\nnewrdn: uid=countess\ndeleteoldrdn: 1\n`);
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual({ posix: ['joiner'] });
  });
});

describe('groups by search', () => {
  test('have the members that their URLs find', async () => {
    const at = await membershipFixture('urls', { ada: {}, bob: {} });
    await newUnit({ suffix: at.people, change: (ldif: string) => slapd.change(ldif) }, 'deeper', { eve: {}, far: {} });
    const cases: readonly (readonly [string, string, readonly string[]])[] = [
      ['one entry', `ldap:///${at.dn('ada')}`, ['ada']],
      ['one entry by its DN', `ldap:///${at.dn('ada')}??base?(objectClass=*)`, ['ada']],
      ['one entry that the filter leaves out', `ldap:///${at.dn('ada')}??base?(uid=bob)`, []],
      ['one level', `ldap:///${at.people}??one`, ['ada', 'bob']],
      ['every level', `ldap:///${at.people}??sub`, ['ada', 'bob', 'eve', 'far']],
      ['a filter', `ldap:///${at.people}??sub?(&(objectClass=person)(!(uid=ada)))`, ['bob', 'eve', 'far']],
      ['capitals', `LDAP:///${at.people.toUpperCase()}??ONE?(UID=ADA)`, ['ada']],
      [
        'percent signs',
        `ldap:///${at.people.replace('=', '%3D').replaceAll(',', '%2c')}??sub?%28uid=%61da%29`,
        ['ada'],
      ],
      ['escapes in the filter', `ldap:///${at.people}??sub?(uid=\\61da)`, ['ada']],
      ['attributes that do not matter', `ldap:///${at.people}?mail,cn?sub?(uid=bob)`, ['bob']],
      ['an extension that may be passed over', `ldap:///${at.people}??sub?(uid=bob)?x-whatever`, ['bob']],
      ['a place that is not there', `ldap:///ou=nowhere,${at.people}??sub?(uid=bob)`, []],
      ['no entry', `ldap:///${at.people}??sub?(uid=unknown)`, []],
      ['an unknown attribute', `ldap:///${at.people}??sub?(nosuchattribute=x)`, []],
    ];
    await add(...cases.map(([name, url]) => groupOfUrls(name, at.groups, url)));
    await using fixture = await looking(at);
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual(Object.fromEntries(cases.map(([name, , expected]) => [name, expected])));
  });

  test('follow entries that start to match, although the group does not change', async () => {
    const at = await membershipFixture('url-changes');
    await add(
      groupOfUrls('urls', at.groups, [
        `ldap:///${at.people}??sub?(employeeType=staff)`,
        `ldap:///${at.people}??sub?(uid=kim)`,
      ]),
    );
    await using fixture = await looking(at);
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual({ urls: ['kim'] });
    await modify(at.dn('ada'), 'add', 'employeeType', 'staff');
    await add(person('lee', at.people, { employeeType: 'staff' }));
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual({ urls: ['ada', 'kim', 'lee'] });
    await modify(at.dn('ada'), 'replace', 'employeeType', 'guest');
    await slapd.change(`dn: ${at.dn('kim')}\nchangetype: delete\n`);
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual({ urls: ['lee'] });
    expect(fixture.active()).toMatchObject({ kim: false });
  });

  test('with invalid URLs are rejected, each with its reason, and a user who is absent is a leaver', async () => {
    const at = await membershipFixture('bad-urls');
    const cases = {
      'another server': [
        `ldap://elsewhere.example.test/${at.people}??sub`,
        'which names another server or is not an LDAP URL',
      ],
      'no place': ['ldap:///not a name??sub', 'the base of which is not a valid DN'],
      'no filter': [`ldap:///${at.people}??sub?(uid=ada`, 'the filter of which is invalid: '],
      'no scope': [`ldap:///${at.people}??everywhere?(uid=ada)`, 'which names another server or is not an LDAP URL'],
      'an extension that must be understood': [
        `ldap:///${at.people}??sub?(uid=ada)?!x-whatever`,
        'which names another server or is not an LDAP URL',
      ],
      'broken percent signs': [`ldap:///${at.people}%zz??sub`, 'which names another server or is not an LDAP URL'],
      'something else': ['https://example.test/people', 'which names another server or is not an LDAP URL'],
    } as const;
    await add(
      ...Object.keys(cases).map((name) => groupOfUrls(name, at.groups, `ldap:///${at.people}??sub?(uid=ada)`)),
      groupOfNames('names', at.groups, at.dn('ada')),
    );
    await using fixture = await looking(at);
    expectExitCode(await fixture.pass(), 0);
    for (const [name, [url]] of Object.entries(cases)) await modify(at.cn(name), 'replace', 'memberURL', url);
    await slapd.change(`dn: ${at.dn('kim')}\nchangetype: delete\n`);
    await modify(at.cn('names'), 'add', 'member', at.dn('bob'));
    drainLog(fixture.app);
    const run = await fixture.pass();
    expectExitCode(run, 1);
    for (const [name, [url, reason]] of Object.entries(cases)) {
      const issue = `"${at.cn(name)}": its members come from "${url}", ${reason}`;
      const sentence = `an entry of the groups was rejected: ${issue}`;
      expect(run.stderr).toContain(JSON.stringify(sentence).slice(1, -1));
    }
    expect(fixture.members()).toEqual({
      ...Object.fromEntries(Object.keys(cases).map((name) => [name, ['ada']])),
      names: ['ada', 'bob'],
    });
    expect(fixture.active()).toEqual({ ada: true, bob: true, eve: true, kim: false });
    expect(writes(fixture.app.log)).toHaveLength(2);
  });
});

describe('groups in groups', () => {
  /** three ⊃ two ⊃ one ⊃ ada; a diamond; rings of one, two and three. */
  const entries = (at: MembershipFixture): readonly string[] => [
    groupOfNames('one', at.groups, at.dn('ada')),
    groupOfNames('two', at.groups, [at.cn('one'), at.dn('bob')]),
    groupOfUniqueNames('three', at.groups, [at.cn('two'), at.dn('bob')]),
    groupOfNames('left', at.groups, [at.cn('one'), at.dn('eve')]),
    groupOfNames('diamond', at.groups, [at.cn('left'), at.cn('two')]),
    groupOfNames('itself', at.groups, [at.cn('itself'), at.dn('kim')]),
    groupOfNames('ping', at.groups, [at.cn('pong'), at.dn('ada')]),
    groupOfNames('pong', at.groups, [at.cn('ping'), at.dn('bob')]),
    groupOfNames('rock', at.groups, [at.cn('paper'), at.dn('ada')]),
    groupOfNames('paper', at.groups, [at.cn('scissors'), at.dn('bob')]),
    groupOfNames('scissors', at.groups, [at.cn('rock'), at.dn('eve')]),
    groupOfNames('empty ring', at.groups, at.cn('empty ring')),
  ];

  test('are flattened, whatever they look like', async () => {
    const at = await membershipFixture('flat');
    await add(...entries(at));
    await using fixture = await looking(at);
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual({
      one: ['ada'],
      two: ['ada', 'bob'],
      three: ['ada', 'bob'],
      left: ['ada', 'eve'],
      diamond: ['ada', 'bob', 'eve'],
      itself: ['kim'],
      ping: ['ada', 'bob'],
      pong: ['ada', 'bob'],
      rock: ['ada', 'bob', 'eve'],
      paper: ['ada', 'bob', 'eve'],
      scissors: ['ada', 'bob', 'eve'],
      'empty ring': [],
    });
    // A user leaves and another joins in a nested group: every outer group changes.
    await modify(at.cn('one'), 'replace', 'member', at.dn('kim'));
    await modify(at.cn('paper'), 'replace', 'member', at.dn('bob'));
    drainLog(fixture.app);
    expectExitCode(await fixture.pass(), 0);
    const now = {
      one: ['kim'],
      two: ['bob', 'kim'],
      three: ['bob', 'kim'],
      left: ['eve', 'kim'],
      diamond: ['bob', 'eve', 'kim'],
      itself: ['kim'],
      ping: ['ada', 'bob'],
      pong: ['ada', 'bob'],
      rock: ['ada', 'bob'],
      paper: ['bob'],
      scissors: ['ada', 'bob', 'eve'],
      'empty ring': [],
    };
    expect(fixture.members()).toEqual(now);
    expect(writes(fixture.app.log)).toHaveLength(7);
    expectExitCode(await fixture.pass('--full'), 0);
    expect(fixture.members()).toEqual(now);
  });

  test('are kept, but for a group in itself', async () => {
    const at = await membershipFixture('kept');
    await add(...entries(at));
    await using fixture = await looking(at, { nested: 'keep' });
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual({
      one: ['ada'],
      two: ['bob', 'one'],
      three: ['bob', 'two'],
      left: ['eve', 'one'],
      diamond: ['left', 'two'],
      itself: ['kim'],
      ping: ['ada', 'pong'],
      pong: ['bob', 'ping'],
      rock: ['ada', 'paper'],
      paper: ['bob', 'scissors'],
      scissors: ['eve', 'rock'],
      'empty ring': [],
    });
    await slapd.change(`dn: ${at.cn('one')}\nchangetype: delete\n`);
    await slapd.change(`dn: ${at.cn('pong')}\nchangetype: modrdn\nnewrdn: cn=pang\ndeleteoldrdn: 1\n`);
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toMatchObject({
      two: ['bob'],
      left: ['eve'],
      ping: ['ada', 'pang'],
      pang: ['bob', 'ping'],
    });
  });

  test('that the filter leaves out count where they are flattened, and follow what changes in them', async () => {
    const at = await membershipFixture('filtered');
    await add(
      groupOfNames('app-one', at.groups, [at.cn('team'), at.dn('ada')]),
      groupOfNames('team', at.groups, [at.cn('crew'), at.dn('bob')]),
      groupOfNames('crew', at.groups, at.dn('eve')),
      groupOfNames('stray', at.groups, at.dn('kim')),
    );
    await using fixture = await looking(at, { filter: '(cn=app-*)' });
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual({ 'app-one': ['ada', 'bob', 'eve'] });
    await modify(at.cn('crew'), 'replace', 'member', at.dn('kim'));
    drainLog(fixture.app);
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual({ 'app-one': ['ada', 'bob', 'kim'] });
    expect(writes(fixture.app.log)).toHaveLength(1);
    // It comes to be one of the groups, and is inside of the other as before.
    await slapd.change(`dn: ${at.cn('crew')}\nchangetype: modrdn\nnewrdn: cn=app-crew\ndeleteoldrdn: 1\n`);
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual({ 'app-one': ['ada', 'bob', 'kim'], 'app-crew': ['kim'] });
    await using kept = await looking(at, { filter: '(cn=app-*)', nested: 'keep' });
    expectExitCode(await kept.pass(), 0);
    expect(kept.members()).toEqual({ 'app-one': ['ada'], 'app-crew': ['kim'] });
    expect((await kept.cli.run('explain', 'app-one')).stdout).toContain(
      `lists 1 member that the source does not contain: cn=team,${at.groups}\n`,
    );
  });
});

test('nested groups outside the base do not count, and explain lists them; with a wider base they count', async () => {
  const at = await membershipFixture('beyond');
  const beyond = await newUnit({ suffix: at.base, change: (ldif: string) => slapd.change(ldif) }, 'teams', {});
  await add(
    groupOfNames('beyond-app', at.groups, [at.dn('ada'), `cn=team,${beyond}`]),
    groupOfNames('team', beyond, [at.dn('bob'), `cn=crew,${beyond}`]),
    groupOfNames('crew', beyond, at.dn('eve')),
  );
  await using narrow = await looking(at);
  expectExitCode(await narrow.pass(), 0);
  expect(narrow.members()).toEqual({ 'beyond-app': ['ada'] });
  expect((await narrow.cli.run('explain', 'beyond-app')).stdout).toContain(
    `lists 1 member that the source does not contain: cn=team,${beyond}\n`,
  );
  await using wide = await looking(at, { base: at.base, filter: '(cn=beyond-app)' });
  expectExitCode(await wide.pass(), 0);
  expect(wide.members()).toEqual({ 'beyond-app': ['ada', 'bob', 'eve'] });
  await modify(`cn=crew,${beyond}`, 'replace', 'member', at.dn('kim'));
  expectExitCode(await wide.pass(), 0);
  expect(wide.members()).toEqual({ 'beyond-app': ['ada', 'bob', 'kim'] });
});

describe('members who are none', () => {
  test('are explained: outside the base, excluded by the filter, missing, without access, out of scope', async () => {
    const at = await membershipFixture('outsiders', {
      ada: {},
      bob: { employeeType: 'guest' },
      eve: { employeeType: 'hidden' },
      kim: {},
    });
    const outside = await newUnit(slapd, 'outsiders-outside', { far: {}, away: {} });
    const ghosts = Array.from({ length: 9 }, (_, index) => `uid=ghost${index},${at.people}`);
    await add(
      groupOfNames('crew', at.groups, [at.dn('ada'), at.dn('bob'), at.dn('eve'), at.dn('kim'), `uid=far,${outside}`]),
      groupOfNames('ghosts', at.groups, ghosts),
      posixGroup('logins', at.groups, ['ada', 'unknown']),
      groupOfNames('whole', at.groups, at.dn('ada')),
    );
    await modify(at.dn('kim'), 'add', 'title', 'locked');
    await using fixture = await directoryFixture(
      slapd,
      {
        users: { base: at.people, filter: '(!(employeeType=hidden))', active: 'user.title != "locked"' },
        groups: { base: at.groups },
      },
      { scope: { users: 'user.employeeType != "guest"' } },
    );
    await modify(at.dn('ada'), 'add', 'employeeType', 'staff');
    await modify(at.dn('kim'), 'add', 'employeeType', 'staff');
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual({ crew: ['ada'], ghosts: [], logins: ['ada'], whole: ['ada'] });

    const { stdout } = await fixture.cli.run('explain', 'crew');
    expect(stdout).toContain(
      `    lists 2 members that the source does not contain: uid=eve,${at.people}; uid=far,${outside}\n`,
    );
    expect(stdout).toContain(
      'they are outside the bases or filters of the source, not visible to the account that reads, or do not exist\n',
    );
    expect(stdout).toMatch(/ {4}excludes 2 members: [^\n]*bob \([0-9a-f-]{36}\) is out of scope/);
    expect(stdout).toMatch(/ {4}excludes 2 members: [^\n]*kim \([0-9a-f-]{36}\) is inactive in the source/);

    const many = (await fixture.cli.run('explain', 'ghosts')).stdout;
    expect(many).toContain(
      `lists 9 members that the source does not contain: ${ghosts.slice(0, 5).join('; ')}; and 4 more\n`,
    );
    expect((await fixture.cli.run('explain', 'logins')).stdout).toContain(
      'lists 1 member that the source does not contain: unknown\n',
    );
    const whole = (await fixture.cli.run('explain', 'whole')).stdout;
    expect(whole).not.toContain('does not give');
    expect(whole).not.toContain('excludes');
  });

  test('become members once they can, and lose nothing else', async () => {
    const at = await membershipFixture('come-and-go', {
      ada: { title: 'locked' },
      bob: { employeeType: 'guest' },
      eve: {},
      // Stays inactive: a sign of inactivity that vanishes from all users refuses the reading.
      kim: { title: 'locked' },
    });
    const outside = await newUnit(slapd, 'come-and-go-outside', { far: {} });
    await add(
      groupOfNames('crew', at.groups, [at.dn('ada'), at.dn('bob'), at.dn('eve'), `uid=far,${outside}`, at.dn('later')]),
    );
    await using fixture = await directoryFixture(
      slapd,
      { users: { base: at.people, active: '!has(user.title)' }, groups: { base: at.groups } },
      { guard: unlimitedGuard, scope: { users: '!has(user.employeeType)' } },
    );
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual({ crew: ['eve'] });

    await slapd.change(
      `dn: ${at.dn('ada')}\nchangetype: modify\ndelete: title\n\n` +
        `dn: ${at.dn('bob')}\nchangetype: modify\ndelete: employeeType\n`,
    );
    await add(person('later', at.people));
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual({ crew: ['ada', 'bob', 'eve', 'later'] });

    await modify(at.dn('eve'), 'add', 'employeeType', 'guest');
    await modify(at.dn('bob'), 'add', 'title', 'locked');
    expectExitCode(await fixture.pass(), 0);
    expect(fixture.members()).toEqual({ crew: ['ada', 'later'] });
    expect(fixture.active()).toEqual({ ada: true, bob: false, eve: false, later: true });
  });
});

test('a unit, or a machine, is no member', async () => {
  const at = await membershipFixture('others');
  await add(
    ldifEntry(`cn=printer,${at.people}`, { objectClass: 'device', cn: 'printer' }),
    groupOfNames('crew', at.groups, [at.dn('ada'), `cn=printer,${at.people}`, at.people, 'cn=nothing at all']),
  );
  await using fixture = await looking(at);
  expectExitCode(await fixture.pass(), 0);
  expect(fixture.members()).toEqual({ crew: ['ada'] });
});
