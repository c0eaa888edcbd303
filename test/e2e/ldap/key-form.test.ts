import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createUnit } from '../../world/directory/create-unit.ts';
import { directoryFixture } from '../../world/directory/directory-fixture.ts';
import { changeRecord } from '../../world/directory/ldif/change-record.ts';
import { ldifEntry } from '../../world/directory/ldif/ldif-entry.ts';
import { describeOn } from '../../world/directory/servers/describe-on.ts';
import { startSlapd, type Slapd } from '../../world/directory/servers/slapd.ts';
import { expectExitCode, writes } from '../../world/fixture.ts';

jest.setTimeout(120_000);

const numbers: Readonly<Record<string, string>> = { ada: '00100', bob: '00101', cyd: 'E-7' };

describeOn('slapd', 'keyForm in a directory', () => {
  let slapd: Slapd;
  beforeAll(async () => {
    slapd = await startSlapd({ overlays: ['syncprov'] });
  });
  afterAll(() => slapd[Symbol.asyncDispose]());

  const renumber = async (base: string, uid: string, employeeNumber: string): Promise<void> =>
    slapd.change(
      changeRecord(`uid=${uid},${base}`, 'modify', ['replace: employeeNumber', `employeeNumber: ${employeeNumber}`]),
    );

  test.each([
    [
      'with it: nothing is sent, in readings of changes and complete ones',
      ['trim', 'ignoreCase', 'stripLeadingZeros'],
      0,
    ],
    ['without it: the changed keys wait for relink', undefined, 3],
  ])('%s', async (_, keyForm, code) => {
    const base = await createUnit(
      slapd,
      `form${code}`,
      Object.fromEntries(Object.entries(numbers).map(([uid, employeeNumber]) => [uid, { employeeNumber }])),
    );
    const member = Object.keys(numbers).map((uid) => `uid=${uid},${base}`);
    await slapd.change(ldifEntry(`cn=crew,${base}`, { objectClass: 'groupOfNames', cn: 'crew', member }));
    await using at = await directoryFixture(
      slapd,
      {
        users: { base, key: 'employeeNumber' },
        groups: { base },
        ...(keyForm === undefined ? {} : { keyForm }),
      },
      // The number is also an attribute, which is sent as it is.
      { mapping: { user: { 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber': null } } },
    );
    expectExitCode(await at.pass(), 0);
    const before = at.members();
    expect(before).toEqual({ crew: Object.keys(numbers) });
    at.app.log.splice(0);
    await renumber(base, 'ada', '100');
    await renumber(base, 'cyd', 'e-7');
    for (const args of [[], ['--full']]) {
      const pass = await at.cli.run('sync', '--json', ...args);
      expectExitCode(pass, code);
      expect(pass.lines.filter(({ type }) => type === 'keyChange')).toHaveLength(code === 0 ? 0 : 2);
      expect(writes(at.app.log)).toEqual([]);
      expect(at.members()).toEqual(before);
    }
  });
});
