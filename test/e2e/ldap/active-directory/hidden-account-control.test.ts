import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { directoryFixture } from '../../../world/directory/directory-fixture.ts';
import {
  groupsUnit,
  peopleUnit,
  replaceRecord,
  units,
  user,
  userDn,
} from '../../../world/directory/ldif/samba-entries.ts';
import { describeOn } from '../../../world/directory/servers/describe-on.ts';
import { startSamba, type Samba } from '../../../world/directory/servers/samba.ts';
import { run } from '../../../world/directory/servers/server.ts';
import { expectExitCode, writes } from '../../../world/fixture.ts';

jest.setTimeout(120_000);

const logins = ['ada', 'bob', 'cyd', 'dan', 'eve', 'fay'];
/** The schemaIDGUID of userAccountControl: the access rule is about this attribute alone. */
const accountControl = 'bf967a68-0de6-11d0-a285-00aa003049e2';

describeOn('samba', 'userAccountControl that the account may not read', () => {
  let samba: Samba;
  beforeAll(async () => {
    samba = await startSamba({
      ldif: [
        units,
        ...logins.map((login) => user(login, { userAccountControl: login === 'bob' ? '514' : '512' })),
      ].join(''),
    });
  });
  afterAll(() => samba[Symbol.asyncDispose]());

  /** Denies all authenticated users the right to read userAccountControl of these entries. */
  async function hide(dns: readonly string[]): Promise<void> {
    for (const dn of dns)
      await run('samba-tool', [
        ...['dsacl', 'set', '-H', join(samba.folder, 'dc/private/sam.ldb'), '--objectdn', dn],
        ...['--sddl', `(OD;;RP;${accountControl};;AU)`],
      ]);
  }

  test('rejects the users without it, and changes no account', async () => {
    await using at = await directoryFixture(samba, {
      directory: 'activeDirectory',
      users: { base: peopleUnit },
      groups: { base: groupsUnit },
    });
    expectExitCode(await at.pass(), 0);
    at.app.log.splice(0);

    await hide([userDn('ada'), userDn('bob')]);
    for (const args of [[], ['--full']]) {
      const pass = await at.cli.run('sync', '--json', ...args);
      expectExitCode(pass, 1);
      const rejected = pass.lines.filter(({ type }) => type === 'rejectedRow').map(({ reason }) => String(reason));
      const people = rejected.map((reason) => /CN=(\w+)/.exec(reason)?.[1]);
      // The server's order depends on the ids of the entries.
      expect(people.toSorted()).toEqual(['ada', 'bob']);
      for (const reason of rejected) expect(reason).toContain('userAccountControl is not readable');
      expect(writes(at.app.log)).toEqual([]);
    }

    // The others are read as usual.
    await samba.change(replaceRecord(userDn('cyd'), { userAccountControl: '514' }));
    expectExitCode(await at.pass(), 1);
    expect(writes(at.app.log)).toHaveLength(1);

    at.app.log.splice(0);
    await hide(logins.map((login) => userDn(login)));
    expectExitCode(await at.cli.run('sync', '--json', '--full'), 1);
    expectExitCode(await at.cli.run('check'), 1);
    expect(writes(at.app.log)).toEqual([]);
  });
});
