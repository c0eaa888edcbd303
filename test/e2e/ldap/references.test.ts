import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { directoryFixture } from '../../world/directory/directory-fixture.ts';
import { ldifEntry } from '../../world/directory/ldif/ldif-entry.ts';
import { changeRecord } from '../../world/directory/ldif/change-record.ts';
import { describeOn } from '../../world/directory/servers/describe-on.ts';
import { startDs389, type Ds389 } from '../../world/directory/servers/ds389.ts';
import { startSamba, type Samba } from '../../world/directory/servers/samba.ts';
import { groups, people, startSlapd, type Slapd } from '../../world/directory/servers/slapd.ts';
import { group, groupsUnit, peopleUnit, units, user, userDn } from '../../world/directory/ldif/samba-entries.ts';
import { createUnit } from '../../world/directory/create-unit.ts';
import type { CliResult } from '../../world/cli-workspace.ts';
import { expectExitCode } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';

jest.setTimeout(120_000);

const forms = { composed: '\u00e9', decomposed: 'e\u0301', ligature: '\ufb01', letters: 'fi' };

const judged = ({ lines }: CliResult, code: string): readonly { subject: string; reason: string }[] =>
  lines
    .filter(({ type }) => type === 'reading')
    .flatMap(({ judgements }) => judgements as { code: string; subject: string; reason: string }[])
    .filter((one) => one.code === code);

describeOn('389ds', 'Unicode forms', () => {
  let server: Ds389;
  beforeAll(async () => {
    server = await startDs389();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('that the server keeps apart are different members', async () => {
    const lines = Object.entries(forms).flatMap(([uid, cn]) => [
      ldifEntry(`cn=${cn},${people}`, { objectClass: 'inetOrgPerson', uid, cn, sn: 'Test' }).replace(
        /\n/,
        '\nchangetype: add\n',
      ),
      ldifEntry(`cn=of ${uid},${groups}`, {
        objectClass: 'groupOfNames',
        cn: `of ${uid}`,
        member: `cn=${cn},${people}`,
      }).replace(/\n/, '\nchangetype: add\n'),
    ]);
    await server.change(lines.join('\n'));
    await using at = await directoryFixture(server, { users: { base: people }, groups: { base: groups } });
    const pass = await at.pass();
    expectExitCode(pass, 0);
    expect(at.members()).toEqual(Object.fromEntries(Object.keys(forms).map((uid) => [`of ${uid}`, [uid]])));
    expect(judged(pass, 'source.ambiguousReference')).toEqual([]);
  });
});

describeOn('samba', 'Unicode forms', () => {
  let samba: Samba;
  beforeAll(async () => {
    samba = await startSamba({
      ldif: [
        units,
        ...Object.entries(forms).map(([login, cn]) => user(login, {}, { cn })),
        ...Object.entries(forms).map(([login, cn]) => group(`of ${login}`, [userDn(cn)])),
      ].join(''),
    });
  });
  afterAll(() => samba[Symbol.asyncDispose]());

  test('that the server keeps apart are different members', async () => {
    await using at = await directoryFixture(samba, {
      directory: 'activeDirectory',
      users: { base: peopleUnit },
      groups: { base: groupsUnit },
    });
    expectExitCode(await at.pass(), 0);
    expect(at.members()).toEqual(
      Object.fromEntries(Object.keys(forms).map((login) => [`of ${login}`, [`${login}@example.test`]])),
    );
  });
});

describeOn('slapd', 'references', () => {
  let slapd: Slapd;
  beforeAll(async () => {
    slapd = await startSlapd({ overlays: ['syncprov'] });
  });
  afterAll(() => slapd[Symbol.asyncDispose]());
  const inside = (base: string) => ({ suffix: base, change: (ldif: string) => slapd.change(ldif) });
  const posixGroup = (cn: string, base: string, memberUid: readonly string[]): string =>
    ldifEntry(`cn=${cn},${base}`, { objectClass: 'posixGroup', cn, gidNumber: '1', memberUid });

  test('by a login that two entries have make neither a member, until one entry is renamed', async () => {
    const base = await createUnit(slapd, 'shared', {});
    const red = await createUnit(inside(base), 'red', { ada: {}, bob: {} });
    const blue = await createUnit(inside(base), 'blue', { ada: { uid: ['ada', 'ada2'] } });
    await slapd.change(posixGroup('crew', base, ['ada', 'bob', 'gone']));
    await using at = await directoryFixture(
      slapd,
      { users: { base }, groups: { base }, sanity: { maxShrink: '100%' } },
      { mapping: { user: { userName: 'user.dn' } }, guard: unlimitedGuard },
    );
    const checked = await at.cli.run('check');
    expectExitCode(checked, 0);
    expect(checked.stdout).toMatch(/the login "ada" belongs to 2 entries.*\(code: source\.ambiguousReference\)/);
    expect(checked.stdout).toMatch(/1 of 3 members of groups point to no record.*"gone"/);
    const pass = await at.pass();
    expectExitCode(pass, 0);
    expect(at.members()).toEqual({ crew: [`uid=bob,${red}`] });
    const [judgement] = judged(pass, 'source.ambiguousReference');
    expect(judgement?.subject).toBe('login:ada');
    for (const dn of [`uid=ada,${red}`, `uid=ada,${blue}`]) expect(judgement?.reason).toContain(dn);
    await slapd.change(changeRecord(`uid=ada,${blue}`, 'modrdn', ['newrdn: uid=eve', 'deleteoldrdn: 1']));
    const resolved = await at.pass();
    expectExitCode(resolved, 0);
    expect(judged(resolved, 'source.ambiguousReference')).toEqual([]);
    expect(at.members()).toEqual({ crew: [`uid=ada,${red}`, `uid=bob,${red}`] });
    // Back again, in a reading of changes.
    await slapd.change(changeRecord(`uid=eve,${blue}`, 'modrdn', ['newrdn: uid=ada', 'deleteoldrdn: 1']));
    expect(judged(await at.pass(), 'source.ambiguousReference')).toHaveLength(1);
    expect(at.members()).toEqual({ crew: [`uid=bob,${red}`] });
  });

  test('to entries outside are shown; those that lose their entries refuse the reading', async () => {
    const uids = Array.from({ length: 20 }, (_, index) => `user${index}`);
    const base = await createUnit(slapd, 'lost', {});
    await createUnit(inside(base), 'staff', Object.fromEntries(uids.map((uid) => [uid, { mail: `${uid}@x.example` }])));
    const outside = Array.from({ length: 60 }, (_, index) => `printer${index}`);
    await slapd.change(posixGroup('crew', base, [...uids, ...outside]));
    await using at = await directoryFixture(
      slapd,
      { users: { base }, groups: { base }, sanity: { maxShrink: '100%' } },
      { guard: unlimitedGuard },
    );
    const first = await at.pass();
    expectExitCode(first, 0);
    expect(judged(first, 'source.danglingReferences')).toMatchObject([
      { subject: 'members', numbers: { dangling: 60, references: 80 } },
    ]);
    expect((await at.cli.run('status')).stdout).toContain('source.danglingReferences');
    const mails = uids.map((uid) => `memberUid: ${uid}@x.example`);
    await slapd.change(changeRecord(`cn=crew,${base}`, 'modify', ['replace: memberUid', ...mails, '-']));
    const refused = await at.pass();
    expectExitCode(refused, 1);
    expect(judged(refused, 'source.referencesBroken')).toMatchObject([{ subject: 'members', numbers: { lost: 20 } }]);
    expectExitCode(await at.pass('--full'), 1);
    expect(at.members()['crew']).toHaveLength(20);
    expectExitCode(await at.pass('--accept-source'), 0);
    expectExitCode(await at.pass('--full'), 0);
  });
});
