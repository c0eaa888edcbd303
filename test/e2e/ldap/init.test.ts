import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { account, group, peopleLdif, person, uidOf } from '../../world/directory/ldif/people-ldif.ts';
import { describeOn } from '../../world/directory/servers/describe-on.ts';
import { groups, people, startSlapd, suffix, type Slapd } from '../../world/directory/servers/slapd.ts';
import { createCliWorkspace, type CliWorkspace } from '../../world/cli-workspace.ts';
import { expectExitCode } from '../../world/fixture.ts';
import { scriptPath, startAtTerminal } from '../../world/pseudo-terminal.ts';
import { startStrictServer, type StrictServer } from '../../world/strict-server/strict-server.ts';

jest.setTimeout(60_000);

describeOn('slapd', 'scimsync init with a directory', () => {
  let slapd: Slapd;
  let app: StrictServer;
  beforeAll(async () => {
    const numbered = person('numbered', 'employeeNumber: 1\n');
    const ldif = [peopleLdif(6), numbered, account('blind', 'blind-secret'), group('crew', [uidOf(1), uidOf(2)])];
    const blind = `by dn.exact="cn=blind,${suffix}" none`;
    const rights = `access to dn.subtree="${people}" ${blind} by users read by anonymous auth
access to * by users read by anonymous auth`;
    [slapd, app] = await Promise.all([startSlapd({ ldif: ldif.join('\n'), database: rights }), startStrictServer({})]);
  });
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]();
    await app.close();
  });

  const workspace = (): CliWorkspace =>
    createCliWorkspace({
      APP_TOKEN: app.token,
      LDAP_PASSWORD: slapd.admin.password,
      BLIND: 'blind-secret',
      WRONG: 'no',
    });
  const flags = (): string[] => [
    ...['--source', 'ldap', '--ldap-url', slapd.url, '--ca-file', slapd.caFile, '--bind-dn', slapd.admin.dn],
    ...['--target-url', app.url, '--secret', 'env:APP_TOKEN'],
  ];
  const written = (cli: CliWorkspace): unknown => JSON.parse(readFileSync(cli.path('sync.config.json'), 'utf8'));

  test('proposes kind, bases and key, and shows the first plan', async () => {
    await using cli = workspace();
    const run = await cli.run('init', '--yes', ...flags());
    expectExitCode(run, 0);
    expect(run.stderr).toContain(`the directory answers: openldap, with ${suffix}`);
    expect(run.stderr).toContain('users: 7 users; 1 have employeeNumber');
    expect(run.stderr).toContain('key of users: entryUUID');
    expect(written(cli)).toMatchObject({
      source: {
        type: 'ldap',
        url: slapd.url,
        tls: { caFile: expect.any(String) },
        bind: { dn: slapd.admin.dn, password: { env: 'LDAP_PASSWORD' } },
        directory: 'openldap',
        users: { base: people },
        groups: { base: groups },
      },
      targets: [{ name: 'app', auth: { token: { env: 'APP_TOKEN' } } }],
    });
    expect(run.stdout).toContain('app: create 8, add 2 memberships');
    expectExitCode(await cli.run('check'), 0);
  });

  test('takes a filter, a key and no groups from flags', async () => {
    await using cli = workspace();
    const others = ['--filter', '(employeeNumber=*)', '--key', 'employeeNumber', '--groups-base', 'none'];
    const run = await cli.run('init', '--yes', ...flags(), ...others, '--user-name', 'mail');
    expectExitCode(run, 0);
    expect(written(cli)).toMatchObject({
      source: { users: { base: people, filter: '(employeeNumber=*)', key: 'employeeNumber' } },
      targets: [{ mapping: { user: { userName: 'user.mail' } } }],
    });
    expect(run.stdout).toContain('app: create 1');
    expectExitCode(await cli.run('check'), 0);
  });

  test.each<[string, number, string, () => string[]]>([
    ['a server that does not answer', 1, 'ldap.connectFailed', () => ['--ldap-url', 'ldaps://127.0.0.1:1']],
    ['a certificate of an unknown CA', 1, 'source.tls.caFile', () => ['--ca-file', 'none']],
    ['a wrong password', 1, 'ldap.credentialsRefused', () => ['--bind-password', 'env:WRONG']],
    [
      'an account that sees no users',
      1,
      'init.noUsers',
      () => ['--bind-dn', `cn=blind,${suffix}`, '--bind-password', 'env:BLIND'],
    ],
    ['a base that does not exist', 1, 'ldap.noSuchObject', () => ['--base', `ou=x,${suffix}`]],
    ['a filter that is none', 4, 'is no LDAP filter', () => ['--filter', '(mail=*']],
    ['a filter that no user fits', 1, 'init.noUsers', () => ['--filter', '(uid=unknown)']],
    ['an unknown kind', 4, 'must be one of', () => ['--directory', 'edlir']],
  ])('%s is an error, and nothing is written', async (_what, code, message, wrong) => {
    await using cli = workspace();
    const run = await cli.run('init', '--yes', ...flags(), ...wrong());
    expectExitCode(run, code);
    expect(run.stderr).toContain(message);
    expect(run.stderr).not.toContain(slapd.admin.password);
    expect(readdirSync(cli.folder)).toEqual([]);
  });

  const testAtTerminal = scriptPath === undefined ? test.skip : test;
  testAtTerminal('a person answers again after a wrong password and a wrong base', async () => {
    await using cli = workspace();
    const env = { APP_TOKEN: app.token };
    await using at = startAtTerminal(cli.folder, env, 'init', '--source', 'ldap');
    await at.answer('What is the URL of the directory?', slapd.url);
    await at.answer("Which file has the CA of the directory's certificate", slapd.caFile);
    await at.answer('Which account reads the directory?', slapd.admin.dn);
    await at.answer('Where is the password', 'type');
    await at.answer('The password of this account', 'wrong-4711');
    await at.answer('What is the URL of the directory?', '');
    await at.answer('Which file has the CA', '');
    await at.answer('Which account reads', '');
    await at.answer('Where is the password', 'type');
    await at.answer('The password of this account', slapd.admin.password);
    await at.answer('Below which entry are the users?', `ou=unknown,${suffix}`);
    await at.answer('Below which entry are the users?', people);
    await at.answer('Which of them are users?', '');
    await at.answer('Below which entry are the groups?', '');
    await at.answer('Which groups?', '');
    await at.answer("What is the base URL of the application's SCIM endpoint?", app.url);
    await at.answer('Which application is it?', '');
    await at.answer('What is its name', '');
    await at.answer('How does scimsync authenticate there?', '');
    await at.answer('Where is the token?', 'env:APP_TOKEN');
    const { code, shown } = await at.ended;
    expect({ code, shown }).toMatchObject({ code: 0, shown: expect.stringContaining('app: create 8') });
    for (const secret of ['wrong-4711', slapd.admin.password]) expect(shown).not.toContain(secret);
    expect(readFileSync(cli.path('secrets/directory'), 'utf8')).toBe(`${slapd.admin.password}\n`);
  });
});
