import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createUnit } from '../../world/directory/create-unit.ts';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { groupOfNames, groupOfUrls, posixGroup } from '../../world/directory/ldif/group-entries.ts';
import { startSlapd, type Slapd } from '../../world/directory/servers/slapd.ts';
import { drainLog, expectExitCode, writes } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';

jest.setTimeout(60_000);

let slapd: Slapd;
beforeAll(async () => {
  slapd = await startSlapd({ overlays: ['refint', 'syncprov'] });
});
afterAll(async () => {
  await slapd[Symbol.asyncDispose]();
});

interface Unit {
  readonly people: string;
  readonly groups: string;
  dn(uid: string): string;
  cn(name: string): string;
}

async function unit(name: string): Promise<Unit> {
  const inside = { suffix: await createUnit(slapd, name, {}), change: (ldif: string) => slapd.change(ldif) };
  const people = await createUnit(inside, 'people', { ada: {}, bob: {}, eve: {}, kim: {} });
  const groups = await createUnit(inside, 'groups', {});
  return { people, groups, dn: (uid) => `uid=${uid},${people}`, cn: (group) => `cn=${group},${groups}` };
}

/** Users are in scope by the group "chat", and the application gets no group. */
const assigned = (at: Unit, groups = {}, scope: object = { users: `'chat' in groups`, groups: 'false' }) =>
  directoryFixture(
    slapd,
    { users: { base: at.people }, groups: { base: at.groups, ...groups } },
    { scope, guard: unlimitedGuard },
  );

const modify = (dn: string, how: 'add' | 'delete' | 'replace', attribute: string, value: string): Promise<void> =>
  slapd.change(`dn: ${dn}\nchangetype: modify\n${how}: ${attribute}\n${attribute}: ${value}\n`);

/** One pass. @returns the active users, and the number of requests that changed something */
async function after(fixture: DirectoryFixture, ...args: string[]): Promise<readonly [string, number]> {
  drainLog(fixture.app);
  expectExitCode(await fixture.pass(...args), 0);
  const active = Object.entries(fixture.active()).filter(([, isActive]) => isActive !== false);
  return [
    active
      .map(([name]) => name)
      .toSorted()
      .join(' '),
    writes(drainLog(fixture.app)).length,
  ];
}

describe('users of a directory in scope by a group', () => {
  test.each(['flatten', 'keep'])('direct, nested and by login, with nested groups: %s', async (nested) => {
    const at = await unit(`nested-${nested}`);
    await slapd.change(
      [
        groupOfNames('inner', at.groups, at.dn('bob')),
        posixGroup('posix', at.groups, ['eve']),
        groupOfNames('chat', at.groups, [at.dn('ada'), at.cn('inner'), at.cn('posix')]),
        groupOfNames('other', at.groups, at.dn('kim')),
      ].join('\n'),
    );
    await using fixture = await assigned(at, { nested });
    expect(await after(fixture)).toEqual(['ada bob eve', 3]);
    expect(fixture.members()).toEqual({});

    await modify(at.cn('inner'), 'add', 'member', at.dn('kim'));
    expect(await after(fixture)).toEqual(['ada bob eve kim', 1]);
    await modify(at.cn('posix'), 'delete', 'memberUid', 'eve');
    expect(await after(fixture)).toEqual(['ada bob kim', 1]);
    await modify(at.cn('chat'), 'delete', 'member', at.cn('inner'));
    expect(await after(fixture)).toEqual(['ada', 2]);
    // A renamed person stays in the group, and a renamed group loses its members.
    await slapd.change(`dn: ${at.dn('ada')}\nchangetype: modrdn\nnewrdn: uid=countess\ndeleteoldrdn: 1\n`);
    expect(await after(fixture)).toEqual(['countess', 1]);
    await slapd.change(`dn: ${at.cn('chat')}\nchangetype: modrdn\nnewrdn: cn=talk\ndeleteoldrdn: 1\n`);
    expect(await after(fixture)).toEqual(['', 1]);
    expect(await after(fixture, '--full')).toEqual(['', 0]);
  });

  test('dynamic groups count', async () => {
    const at = await unit('dynamic');
    await slapd.change(
      [
        groupOfUrls('dynamic', at.groups, `ldap:///${at.people}??sub?(|(uid=eve)(uid=kim))`),
        groupOfNames('chat', at.groups, at.cn('dynamic')),
      ].join('\n'),
    );
    await using fixture = await assigned(at);
    expect(await after(fixture)).toEqual(['eve kim', 2]);
    await modify(at.cn('dynamic'), 'replace', 'memberURL', `ldap:///${at.people}??sub?(|(uid=eve)(uid=bob))`);
    expect(await after(fixture)).toEqual(['bob eve', 2]);
    const { stdout } = await fixture.cli.run('explain', 'bob');
    expect(stdout).toMatch(/"chat" \([^)]+\): through "dynamic" \([^)]+\)\n/);
    expect(stdout).toMatch(/decided by the group "chat"/);
  });

  test('members of groups in scope, by an attribute of the groups', async () => {
    const at = await unit('members');
    await slapd.change(
      [
        groupOfNames('one', at.groups, at.dn('ada'), { businessCategory: 'app' }),
        groupOfNames('two', at.groups, at.dn('bob')),
      ].join('\n'),
    );
    const scope = { groups: `group.businessCategory == 'app'`, onlyMembers: true };
    await using fixture = await assigned(at, {}, scope);
    expect((await after(fixture))[0]).toBe('ada');
    expect(fixture.members()).toEqual({ one: ['ada'] });
    await modify(at.cn('two'), 'add', 'businessCategory', 'app');
    expect((await after(fixture))[0]).toBe('ada bob');
    expect(fixture.members()).toEqual({ one: ['ada'], two: ['bob'] });
    await modify(at.cn('one'), 'replace', 'businessCategory', 'other');
    expect((await after(fixture))[0]).toBe('bob');
  });
});
