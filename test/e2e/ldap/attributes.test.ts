import { readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { ldifEntry } from '../../world/directory/ldif/ldif-entry.ts';
import { plannedCreates } from '../../world/directory/planned-creates.ts';
import { ldapTool } from '../../world/directory/servers/server.ts';
import { startSlapd, suffix, type Slapd } from '../../world/directory/servers/slapd.ts';
import { person, createUnit as newUnit } from '../../world/directory/create-unit.ts';
import { enterpriseUser, expectExitCode, drainLog, writes } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';

jest.setTimeout(60_000);

/** Two bytes that begin a character of UTF-8 and do not end it. */
const noText = Buffer.from([0xc3, 0x28]);
const photo = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46]);
const base64 = (value: string | Buffer): string => Buffer.from(value).toString('base64');

let slapd: Slapd;
let certificate: Buffer;
beforeAll(async () => {
  slapd = await startSlapd({ overlays: ['memberof', 'refint'], global: schema, ldif: untidy });
  certificate = new X509Certificate(readFileSync(slapd.certificates.server.certFile)).raw;
});
afterAll(async () => {
  await slapd[Symbol.asyncDispose]();
});

/** Attributes that no standard schema has. */
const schema = `attributetype ( 1.3.6.1.4.1.99999.1 NAME ( 'badgeText' 'badgeWord' )
  EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )
attributetype ( 1.3.6.1.4.1.99999.2 NAME 'badge' SUP badgeText )
attributetype ( 1.3.6.1.4.1.99999.4 NAME 'remark' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
objectclass ( 1.3.6.1.4.1.99999.3 NAME 'badged' SUP top AUXILIARY MAY ( badgeText $ badge $ remark ) )`;

/** No client may write what is no UTF-8 where text belongs; what was loaded long ago is not asked. */
const untidy = [
  ldifEntry(`ou=untidy,${suffix}`, { objectClass: 'organizationalUnit', ou: 'untidy' }),
  person('ada', `ou=untidy,${suffix}`, { objectClass: ['inetOrgPerson', 'badged'], remark: ['fine', noText] }),
  person('bob', `ou=untidy,${suffix}`, { objectClass: ['inetOrgPerson', 'badged'], remark: 'fine' }),
].join('\n');

/** Each test has a unit of its own, and a fixture that looks at it. */
const unit = (name: string, entries: Parameters<typeof newUnit>[2]): Promise<string> => newUnit(slapd, name, entries);

const looking = (
  base: string,
  user: Readonly<Record<string, unknown>> = {},
  source: Readonly<Record<string, unknown>> = {},
): Promise<DirectoryFixture> => directoryFixture(slapd, { users: { base }, ...source }, { mapping: { user } });

describe('values', () => {
  test('bytes are base64, by what the attribute is and never by what one value looks like', async () => {
    const base = await unit('bytes', {
      ada: { jpegPhoto: photo, 'userCertificate;binary': certificate, userPassword: 'secret words' },
      bob: { jpegPhoto: 'this photo is a text by chance' },
      eve: { objectClass: ['inetOrgPerson', 'badged'], badge: noText },
      kim: {},
    });
    await using at = await looking(base, {
      photos: 'user.jpegPhoto',
      x509Certificates: 'user.userCertificate',
      nickName: 'user["userCertificate;binary"]',
      title: 'user.USERPASSWORD',
      userType: 'user.badge',
    });
    const bodies = plannedCreates(await at.cli.run('plan', '--json'));
    expect(bodies).toEqual({
      ada: expect.objectContaining({
        photos: [{ value: base64(photo) }],
        x509Certificates: [{ value: base64(certificate) }],
        nickName: base64(certificate),
        title: base64('secret words'),
      }) as unknown,
      bob: expect.objectContaining({ photos: [{ value: base64('this photo is a text by chance') }] }) as unknown,
      eve: expect.objectContaining({ userType: base64(noText) }) as unknown,
      kim: expect.anything(),
    });
    expect(Object.keys(bodies['kim'] ?? {})).not.toEqual(expect.arrayContaining(['photos']));
  });

  test('a text that is no UTF-8 is base64, and all values beside it', async () => {
    await using at = await looking(`ou=untidy,${suffix}`, { roles: 'values.remark' });
    const bodies = plannedCreates(await at.cli.run('plan', '--json'));
    expect(bodies['ada']).toMatchObject({ roles: [{ value: base64('fine') }, { value: base64(noText) }] });
    expect(bodies['bob']).toMatchObject({ roles: [{ value: 'fine' }] });
  });

  test('a language is an attribute of its own', async () => {
    const base = await unit('languages', {
      ada: { givenName: 'Ada', 'givenName;lang-de': 'Adelheid', 'givenName;lang-fr': ['Adèle', 'Adélaïde'] },
      bob: { 'givenName;lang-de': 'Robert' },
    });
    await using at = await looking(base, {
      'name.givenName': 'user.givenName',
      nickName: 'user["givenName;lang-de"]',
      title: 'user["GIVENNAME;LANG-FR"]',
      roles: 'values["givenName;lang-fr"]',
      userType: 'has(user.givenName) ? "has" : "lacks"',
    });
    const bodies = plannedCreates(await at.cli.run('plan', '--json'));
    expect(bodies['ada']).toMatchObject({
      'name.givenName': 'Ada',
      nickName: 'Adelheid',
      title: 'Adèle',
      roles: [{ value: 'Adèle' }, { value: 'Adélaïde' }],
      userType: 'has',
    });
    expect(bodies['bob']).toMatchObject({ nickName: 'Robert', userType: 'lacks' });
    expect(bodies['bob']).not.toHaveProperty(['name.givenName']);
  });

  test('all values of an attribute, and its first', async () => {
    const base = await unit('several', {
      ada: { mail: ['ada@one.test', 'ada@two.test', 'ada@three.test'], telephoneNumber: ['+44 1', '+44 2'] },
      bob: {},
    });
    await using at = await looking(base, {
      emails: 'values.mail',
      'phoneNumbers[type eq "work"].value': null,
      title: 'user.mail',
      roles: 'values.telephoneNumber.map(each, each.replace(" ", ""))',
    });
    const bodies = plannedCreates(await at.cli.run('plan', '--json'));
    expect(bodies['ada']).toMatchObject({
      emails: [{ value: 'ada@one.test', primary: true }, { value: 'ada@two.test' }, { value: 'ada@three.test' }],
      title: 'ada@one.test',
      roles: [{ value: '+441' }, { value: '+442' }],
    });
    expect(Object.keys(bodies['bob'] ?? {}).sort()).toEqual([
      'active',
      'displayName',
      'externalId',
      'name.familyName',
      'userName',
    ]);
  });

  test('names in any case, and all names of one attribute', async () => {
    const base = await unit('names', {
      ada: { sn: 'Lovelace', mail: 'ada@example.test', l: 'London', 'cn;lang-de': 'Ada die Gräfin' },
    });
    await using at = await looking(base, {
      userName: 'user.userid',
      'name.familyName': 'user.surname',
      'name.formatted': 'user.CommonName',
      nickName: 'user["0.9.2342.19200300.100.1.3"]',
      title: 'user.RFC822Mailbox',
      locale: 'user.localityName',
      userType: 'user["commonName;lang-de"]',
      preferredLanguage: 'user.SN',
    });
    expect(plannedCreates(await at.cli.run('plan', '--json'))['ada']).toMatchObject({
      userName: 'ada',
      'name.familyName': 'Lovelace',
      'name.formatted': 'ada',
      nickName: 'ada@example.test',
      title: 'ada@example.test',
      locale: 'London',
      userType: 'Ada die Gräfin',
      preferredLanguage: 'Lovelace',
    });
  });

  test('texts of every sort arrive as they are, without blanks around them', async () => {
    const base = await unit('texts', {
      ada: {
        title: '  two before, two after  ',
        description: '\uFEFFbyte order mark',
        employeeType: '👩‍🚀 Straße 漢字 עברית',
        street: 'first line\nsecond line\r\nthird',
        displayName: 'Zoe\u0308',
        departmentNumber: '"quoted", \\slashed\\ <b>&amp;',
      },
      bob: { title: ' ', street: '\n\t ', description: ['  ', 'second value'], displayName: 'Bob' },
    });
    await using at = await looking(base, {
      title: 'user.title',
      nickName: 'user.description',
      userType: 'user.employeeType',
      locale: 'user.street',
      timezone: 'user.departmentNumber',
    });
    const bodies = plannedCreates(await at.cli.run('plan', '--json'));
    expect(bodies['ada']).toMatchObject({
      title: 'two before, two after',
      nickName: 'byte order mark',
      userType: '👩‍🚀 Straße 漢字 עברית',
      locale: 'first line\nsecond line\r\nthird',
      displayName: 'Zoë',
      timezone: '"quoted", \\slashed\\ <b>&amp;',
    });
    expect(bodies['bob']).toMatchObject({ nickName: 'second value', displayName: 'Bob' });
    expect(Object.keys(bodies['bob'] ?? {}).sort()).toEqual([
      'active',
      'displayName',
      'externalId',
      'name.familyName',
      'nickName',
      'userName',
    ]);
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, bob: true });
  });

  test('what the server keeps by itself, and the name of the entry', async () => {
    const base = await unit('operational', { ada: {}, bob: {} });
    await slapd.change(
      ldifEntry(`cn=crew,${base}`, { objectClass: 'groupOfNames', cn: 'crew', member: `uid=ada,${base}` }),
    );
    await using at = await looking(base, {
      nickName: 'user.dn',
      title: 'user.entryDN',
      userType: 'user.createTimestamp',
      roles: 'values.memberOf',
      locale: 'user.DN',
      timezone: 'user.creatorsName',
    });
    const dn = `uid=ada,${base}`;
    const bodies = plannedCreates(await at.cli.run('plan', '--json'));
    expect(bodies['ada']).toMatchObject({
      nickName: dn,
      title: dn,
      locale: dn,
      userType: expect.stringMatching(/^\d{14}Z$/) as unknown,
      roles: [{ value: `cn=crew,${base}` }],
      timezone: slapd.admin.dn,
    });
    expect(bodies['bob']).toMatchObject({ nickName: `uid=bob,${base}` });
    expect(bodies['bob']).not.toHaveProperty(['roles']);
    // Membership is stored in the group; the entry of the user has not changed.
    expectExitCode(await at.pass(), 0);
    await slapd.change(`dn: cn=crew,${base}\nchangetype: modify\nadd: member\nmember: uid=bob,${base}\n`);
    drainLog(at.app);
    expectExitCode(await at.pass(), 0);
    expect(writes(at.app.log)).toMatchObject([{ method: 'PATCH', path: expect.stringMatching(/^\/Users\//) }]);
    // Requests that run at the same time arrive in any order.
    const roles = new Map([...at.app.users.values()].map(({ data }) => [data['userName'], data['roles']]));
    expect([...roles].toSorted()).toEqual([
      ['ada', [{ value: `cn=crew,${base}` }]],
      ['bob', [{ value: `cn=crew,${base}` }]],
    ]);
  });

  test('a name that is computed may be any, in the spelling of the server, and the others keep theirs', async () => {
    const base = await unit('computed', { ada: { employeeType: 'mail', mail: 'ada@example.test', sn: 'Lovelace' } });
    await using at = await looking(base, {
      title: 'user[user.employeetype]',
      'name.familyName': 'user.surname',
      nickName: 'user.dn',
      userType: 'user.createTimestamp',
    });
    expect(plannedCreates(await at.cli.run('plan', '--json'))['ada']).toMatchObject({
      title: 'ada@example.test',
      'name.familyName': 'Lovelace',
      nickName: `uid=ada,${base}`,
      userType: expect.stringMatching(/^\d{14}Z$/) as unknown,
    });
  });
});

describe('the default mapping', () => {
  const full = {
    givenName: 'Ada',
    sn: 'Lovelace',
    cn: 'Ada King',
    displayName: 'Ada, Countess of Lovelace',
    mail: ['ada@example.test', 'second@example.test'],
    telephoneNumber: '+44 20 1',
    title: 'Countess',
    employeeNumber: '1815',
    departmentNumber: 'Engines',
    manager: `uid=bob,ou=defaults,${suffix}`,
  };
  const everywhere = {
    userName: 'ada',
    'name.givenName': 'Ada',
    'name.familyName': 'Lovelace',
    displayName: 'Ada, Countess of Lovelace',
    'emails[type eq "work"].value': 'ada@example.test',
    'phoneNumbers[type eq "work"].value': '+44 20 1',
    title: 'Countess',
    [`${enterpriseUser}:employeeNumber`]: '1815',
    [`${enterpriseUser}:department`]: 'Engines',
    active: true,
  };
  let base: string;
  beforeAll(async () => {
    base = await unit('defaults', { ada: full, bob: { cn: 'Bob by cn' } });
    await slapd.change(
      ldifEntry(`cn=crew,${base}`, { objectClass: 'groupOfNames', cn: 'crew', member: `uid=ada,${base}` }),
    );
  });

  test.each(['auto', 'openldap', 'generic'])('%s', async (directory) => {
    await using at = await directoryFixture(slapd, { directory, users: { base }, groups: { base } });
    const run = await at.cli.run('plan', '--json');
    expectExitCode(run, 0);
    const { ada, bob } = plannedCreates(run);
    expect(ada).toEqual({
      ...everywhere,
      externalId: ada?.['externalId'],
      [`${enterpriseUser}:manager.value`]: bob?.['externalId'],
    });
    expect(bob).toEqual({
      userName: 'bob',
      displayName: 'Bob by cn',
      'name.familyName': 'Test',
      active: true,
      externalId: bob?.['externalId'],
    });
    expect(bob?.['externalId']).toBe(await entryUuid(`uid=bob,${base}`));
    expect(plannedCreates(run, 'Group')).toEqual({
      crew: { displayName: 'crew', externalId: await entryUuid(`cn=crew,${base}`) },
    });
  });

  test.each([
    // The entries here have no userAccountControl, and Active Directory's own sign would reject them.
    [
      'activeDirectory',
      { userName: 'ada', [`${enterpriseUser}:employeeNumber`]: '1815', [`${enterpriseUser}:department`]: undefined },
      { filter: '(objectClass=inetOrgPerson)', active: 'user.uid != ""' },
      { user: { userName: 'has(user.userPrincipalName) ? user.userPrincipalName : user.uid' } },
    ],
    ['389ds', everywhere, {}, {}],
    ['freeipa', everywhere, { filter: '(objectClass=inetOrgPerson)' }, {}],
  ])('%s, with the identity of this server', async (kind, expected, users, mapping) => {
    await using at = await directoryFixture(
      slapd,
      {
        directory: { extends: kind, id: { attribute: 'entryUUID', form: 'text' }, key: 'entryUUID' },
        users: { base, ...users },
      },
      { mapping },
    );
    const run = await at.cli.run('plan', '--json');
    expectExitCode(run, 0);
    const { ada, bob } = plannedCreates(run);
    for (const [path, value] of Object.entries(expected)) expect([path, ada?.[path]]).toEqual([path, value]);
    expect(ada?.[`${enterpriseUser}:manager.value`]).toBe(bob?.['externalId']);
  });

  test('an inline profile extends the inherited mapping; the target overrides it; reads ask for no more', async () => {
    await using at = await directoryFixture(
      slapd,
      {
        directory: {
          extends: 'openldap',
          name: 'ours',
          mapping: {
            user: { userName: 'user.mail', title: null, nickName: 'user.cn' },
            group: { displayName: 'group.cn + "!"' },
          },
        },
        users: { base },
        groups: { base },
      },
      { mapping: { user: { nickName: null, displayName: 'user.sn', [`${enterpriseUser}:department`]: null } } },
    );
    await slapd.change(`dn: uid=bob,${base}\nchangetype: modify\nadd: mail\nmail: bob@example.test\n`);
    const run = await at.cli.run('plan', '--json');
    expectExitCode(run, 0);
    const { 'ada@example.test': ada } = plannedCreates(run);
    expect(Object.keys(ada ?? {}).sort()).toEqual(
      [
        'active',
        'displayName',
        'emails[type eq "work"].value',
        'externalId',
        'name.familyName',
        'name.givenName',
        'phoneNumbers[type eq "work"].value',
        `${enterpriseUser}:employeeNumber`,
        `${enterpriseUser}:manager.value`,
        'userName',
      ].sort(),
    );
    expect(ada).toMatchObject({ displayName: 'Lovelace' });
    expect(Object.keys(plannedCreates(run, 'Group'))).toEqual(['crew!']);
    expect((await at.cli.run('check')).stdout).toContain('directory profile ours');
  });
});

describe("a key of the operator's own", () => {
  const keyed = (base: string): Promise<DirectoryFixture> =>
    directoryFixture(slapd, { users: { base, key: 'employeeNumber' } }, { guard: unlimitedGuard });

  test('identifies a user across a new entry, and an entry without it makes no user a leaver', async () => {
    const base = await unit('keyed', {
      ada: { employeeNumber: ' 1 ' },
      bob: { employeeNumber: '2' },
      eve: { employeeNumber: '3' },
    });
    await using at = await keyed(base);
    expectExitCode(await at.pass(), 0);
    expect([...at.app.users.values()].map(({ data }) => [data['userName'], data['externalId']]).sort()).toEqual([
      ['ada', '1'],
      ['bob', '2'],
      ['eve', '3'],
    ]);

    await slapd.change(`dn: uid=bob,${base}\nchangetype: delete\n\n${person('robert', base, { employeeNumber: '2' })}`);
    drainLog(at.app);
    expectExitCode(await at.pass(), 0);
    expect(writes(at.app.log).map(({ method }) => method)).toEqual(['PATCH']);
    expect(at.active()).toEqual({ ada: true, robert: true, eve: true });

    await slapd.change(`dn: uid=eve,${base}\nchangetype: delete\n\n${person('kim', base)}`);
    drainLog(at.app);
    const run = await at.pass();
    expectExitCode(run, 1);
    expect(run.stderr).toContain(`\\"uid=kim,${base}\\" has no readable employeeNumber`);
    expect(writes(at.app.log)).toEqual([]);
    expect(at.active()).toEqual({ ada: true, robert: true, eve: true });

    await slapd.change(`dn: uid=kim,${base}\nchangetype: modify\nadd: employeeNumber\nemployeeNumber: 4\n`);
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, robert: true, eve: false, kim: true });
  });

  test('that two entries share identifies neither; another user who is absent is a leaver', async () => {
    const base = await unit('shared', {
      ada: { employeeNumber: '1' },
      bob: { employeeNumber: '2' },
      eve: { employeeNumber: '3' },
    });
    await using at = await keyed(base);
    expectExitCode(await at.pass(), 0);
    await slapd.change(
      [
        `dn: uid=eve,${base}\nchangetype: delete\n`,
        person('second', base, { employeeNumber: '2' }),
        `dn: uid=ada,${base}\nchangetype: modify\nreplace: sn\nsn: Lovelace\n`,
      ].join('\n'),
    );
    drainLog(at.app);
    const run = await at.pass();
    expectExitCode(run, 1);
    expect(run.stderr).toContain(
      'an entry of the users was rejected: ' +
        `the key 2 belongs to \\"uid=second,${base}\\" and to \\"uid=bob,${base}\\"; neither entry is taken`,
    );
    expect(writes(at.app.log).map(({ method }) => method)).toEqual(['PATCH', 'PATCH']);
    expect(at.active()).toEqual({ ada: true, bob: true, eve: false });
    await slapd.change(`dn: uid=second,${base}\nchangetype: delete\n`);
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, bob: true, eve: false });
  });

  test('with two values in one entry is rejected', async () => {
    const base = await unit('twofold', { ada: { employeeType: '1' }, bob: { employeeType: ['2', '3'] } });
    await using at = await directoryFixture(slapd, { users: { base, key: 'employeeType' } });
    const run = await at.pass();
    expectExitCode(run, 1);
    expect(run.stderr).toContain(`\\"uid=bob,${base}\\" has several values of employeeType`);
    expect(at.active()).toEqual({ ada: true });
  });

  test('by any of its names', async () => {
    const base = await unit('aliased', { ada: {}, bob: {} });
    await using at = await directoryFixture(slapd, { users: { base, key: 'userid' } });
    expectExitCode(await at.pass(), 0);
    expect([...at.app.users.values()].map(({ data }) => data['externalId']).sort()).toEqual(['ada', 'bob']);
  });
});

describe('a manager', () => {
  const managers = (at: DirectoryFixture): Readonly<Record<string, unknown>> => {
    const names = new Map([...at.app.users.values()].map(({ id, data }) => [id, data['userName']]));
    return Object.fromEntries(
      [...at.app.users.values()].map(({ data }) => {
        const { manager } = (data[enterpriseUser] ?? {}) as { manager?: { value: string } };
        return [
          String(data['userName']),
          manager === undefined ? undefined : (names.get(manager.value) ?? `dangling ${manager.value}`),
        ];
      }),
    );
  };

  test('is named by DN in any spelling, may be outside of the base, is renamed, moves, and leaves', async () => {
    const outside = await unit('outside', { far: {} });
    const base = await unit('managers', {
      ada: {},
      bob: { manager: `UID=Ada , OU=Managers,${suffix}` },
      eve: { manager: `uid=bob,ou=managers,${suffix}` },
      kim: { manager: `uid=far,${outside}` },
      lee: { manager: `uid=unknown,ou=managers,${suffix}` },
    });
    await using at = await looking(base);
    expectExitCode(await at.pass(), 0);
    expect(managers(at)).toEqual({ ada: undefined, bob: 'ada', eve: 'bob', kim: undefined, lee: undefined });

    // refint updates the DNs, and bob is the same entry: no manager changes.
    await slapd.change(`dn: uid=bob,${base}\nchangetype: modrdn\nnewrdn: uid=robert\ndeleteoldrdn: 1\n`);
    drainLog(at.app);
    expectExitCode(await at.pass(), 0);
    expect(writes(at.app.log).map(({ method }) => method)).toEqual(['PATCH']);
    expect(managers(at)).toEqual({ ada: undefined, robert: 'ada', eve: 'robert', kim: undefined, lee: undefined });

    await slapd.change(
      `dn: uid=far,${outside}\nchangetype: modrdn\nnewrdn: uid=far\ndeleteoldrdn: 1\nnewsuperior: ${base}\n`,
    );
    expectExitCode(await at.pass(), 0);
    expect(managers(at)).toMatchObject({ kim: 'far', far: undefined });

    await slapd.change(`dn: uid=robert,${base}\nchangetype: delete\n`);
    drainLog(at.app);
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, robert: false, eve: true, kim: true, lee: true, far: true });
    expect(managers(at)).toMatchObject({ eve: undefined, kim: 'far' });
  });
});

/** By the server's own tool. */
async function entryUuid(dn: string): Promise<string> {
  const found = await ldapTool(slapd, 'ldapsearch', [
    '-LLL',
    '-o',
    'ldif-wrap=no',
    '-b',
    dn,
    '-s',
    'base',
    'entryUUID',
  ]);
  return /entryUUID: (\S+)/.exec(found)?.[1] ?? '';
}
