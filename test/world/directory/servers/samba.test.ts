import { existsSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { describeOn } from './describe-on.ts';
import { startSamba } from './samba.ts';
import { ldapTool } from './server.ts';
import { userDn, units, user } from '../ldif/samba-entries.ts';

jest.setTimeout(60_000);

describeOn('samba', 'domain controllers', () => {
  test('run side by side, each with an address and people of its own, and leave nothing', async () => {
    const both = await Promise.all(['ada', 'bob'].map((login) => startSamba({ ldif: units + user(login) })));
    try {
      const [one, other] = both;
      expect(one?.address).not.toBe(other?.address);
      const found = await Promise.all(
        both.map((samba) => ldapTool(samba, 'ldapsearch', ['-LLL', '-b', samba.suffix, '(sAMAccountName=ada)', '1.1'])),
      );
      expect(found.map((text) => text.includes(`dn: ${userDn('ada')}`))).toEqual([true, false]);
      await one?.signal('SIGKILL');
      await one?.start();
      expect(await one?.stored('(sAMAccountName=ada)', 'cn')).toContain('cn: ada');
    } finally {
      await Promise.all(both.map((samba) => samba[Symbol.asyncDispose]()));
    }
    expect(both.map(({ folder }) => existsSync(folder))).toEqual([false, false]);
  });
});
