import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { person } from '../../world/directory/ldif/people-ldif.ts';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { groups, people, startSlapd, type Slapd } from '../../world/directory/servers/slapd.ts';
import { expectExitCode } from '../../world/fixture.ts';

jest.setTimeout(60_000);

let slapd: Slapd;
let at: DirectoryFixture;
beforeAll(async () => {
  slapd = await startSlapd({
    ldif: [person('ada'), person('bob', `manager: uid=ada,${people}\n`), person('eve')].join('\n'),
  });
  await slapd.change(
    `dn: cn=crew,${groups}\nobjectClass: groupOfNames\ncn: crew\n` +
      `member: uid=ada,${people}\nmember: UID=Bob , ${people}\n`,
  );
  at = await directoryFixture(slapd, { users: { base: people }, groups: { base: groups } });
});
afterAll(async () => {
  await at[Symbol.asyncDispose]();
  await slapd[Symbol.asyncDispose]();
});

test('joiners, a mover, a leaver, and a pass without a write', async () => {
  expectExitCode(await at.pass(), 0);
  expect(at.active()).toEqual({ ada: true, bob: true, eve: true });
  expect(at.members()).toEqual({ crew: ['ada', 'bob'] });
  await slapd.change(
    `dn: uid=bob,${people}\nchangetype: modrdn\nnewrdn: uid=robert\ndeleteoldrdn: 1\n\n` +
      `dn: uid=eve,${people}\nchangetype: delete\n`,
  );
  at.app.log.splice(0);
  expectExitCode(await at.pass(), 0);
  expect(at.active()).toEqual({ ada: true, robert: true, eve: false });
  expect(at.members()).toEqual({ crew: ['ada', 'robert'] });
  at.app.log.splice(0);
  expectExitCode(await at.pass(), 0);
  expect(at.app.log).toEqual([]);
});
