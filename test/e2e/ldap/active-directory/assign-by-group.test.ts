import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { directoryFixture } from '../../../world/directory/directory-fixture.ts';
import {
  addMembers,
  group,
  groupDn,
  removeMembers,
  replaceRecord,
  unit,
  user,
  userDn,
} from '../../../world/directory/ldif/samba-entries.ts';
import { describeOn } from '../../../world/directory/servers/describe-on.ts';
import { domain, startSamba, type Samba } from '../../../world/directory/servers/samba.ts';
import { ldapTool } from '../../../world/directory/servers/server.ts';
import { drainLog, expectExitCode, writes } from '../../../world/fixture.ts';
import { unlimitedGuard } from '../../../world/limits.ts';

jest.setTimeout(180_000);

describeOn('samba', 'assignment by groups of Active Directory', () => {
  let samba: Samba;
  beforeAll(async () => {
    samba = await startSamba();
  });
  afterAll(async () => {
    await samba[Symbol.asyncDispose]();
  });

  test('nested groups and the primary group count, and changes reach only the people concerned', async () => {
    const base = `OU=Assigned,${domain}`;
    const dn = (name: string): string => userDn(name, base);
    const cn = (name: string): string => groupDn(name, base);
    await samba.change(
      [
        unit('Assigned'),
        ...['ada', 'bob', 'cyd', 'dan'].map((name) => user(`assigned-${name}`, {}, { cn: name, parent: base })),
        group('assigned-inner', [dn('bob')], { cn: 'inner', parent: base }),
        group('assigned-chat', [dn('ada'), cn('inner')], { cn: 'Chat users', parent: base }),
        group('assigned-first', [], { cn: 'first', parent: base }),
      ].join(''),
    );
    await using at = await directoryFixture(
      samba,
      { directory: 'activeDirectory', users: { base }, groups: { base }, sanity: { maxShrink: '100%' } },
      {
        guard: unlimitedGuard,
        scope: { users: `groups.exists(g, g in ['Chat users', 'first'])`, groups: 'false' },
        mapping: { user: { userName: 'user.cn', roles: `'inner' in groups ? ['inner'] : ['outer']` } },
      },
    );
    const pass = async (...args: string[]): Promise<readonly [string, number]> => {
      drainLog(at.app);
      expectExitCode(await at.pass(...args), 0);
      const active = Object.entries(at.active()).filter(([, isActive]) => isActive !== false);
      return [
        active
          .map(([name]) => name)
          .toSorted()
          .join(' '),
        writes(drainLog(at.app)).length,
      ];
    };
    expect(await pass()).toEqual(['ada bob', 2]);
    await samba.change(addMembers(cn('inner'), dn('cyd')));
    expect(await pass()).toEqual(['ada bob cyd', 1]);
    await samba.change(addMembers(cn('inner'), dn('ada')));
    expect(await pass()).toEqual(['ada bob cyd', 1]);
    await samba.change(removeMembers(cn('Chat users'), cn('inner')));
    expect(await pass()).toEqual(['ada', 2]);

    // The group is the primary group of a member only by an attribute of the member.
    const found = await ldapTool(samba, 'ldapsearch', ['-LLL', '-b', cn('first'), 'primaryGroupToken']);
    const token = /^primaryGroupToken: (.+)$/m.exec(found)?.[1] ?? '';
    await samba.change(addMembers(cn('first'), dn('dan')));
    expect(await pass()).toEqual(['ada dan', 1]);
    await samba.change(replaceRecord(dn('dan'), { primaryGroupID: token }));
    expect(await pass()).toEqual(['ada dan', 0]);
    expect(await pass('--full')).toEqual(['ada dan', 0]);
  });
});
