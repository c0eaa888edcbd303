import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { groupOfNames, groupOfUniqueNames } from '../../world/directory/ldif/group-entries.ts';
import { ldifEntry, ldifLine } from '../../world/directory/ldif/ldif-entry.ts';
import { ldapTool } from '../../world/directory/servers/server.ts';
import { startSlapd, type Slapd } from '../../world/directory/servers/slapd.ts';
import { person, createUnit as newUnit } from '../../world/directory/create-unit.ts';
import { expectExitCode, drainLog, writes } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';

jest.setTimeout(60_000);

let slapd: Slapd;
beforeAll(async () => {
  // refint updates `member` after a rename, and does not update `uniqueMember`.
  slapd = await startSlapd({ overlays: ['syncprov'], database: 'overlay refint\nrefint_attributes member manager' });
});
afterAll(async () => {
  await slapd[Symbol.asyncDispose]();
});

const add = (...entries: readonly string[]): Promise<void> => slapd.change(entries.join('\n'));
const inside = (base: string): Parameters<typeof newUnit>[0] => ({
  suffix: base,
  change: (ldif: string) => slapd.change(ldif),
});

/** A value of DNs as BER and in hexadecimal digits. */
const hexString = (value: string): string => {
  const bytes = Buffer.from(value);
  return `#04${bytes.length.toString(16).padStart(2, '0')}${bytes.toString('hex')}`;
};

describe('one name, however it is written', () => {
  /** The RDN under which the entry is made, and others that mean the same. */
  const names: Readonly<Record<string, readonly [string, ...string[]]>> = {
    plain: [
      'cn=Ada King',
      'CN=ADA KING',
      'cn = Ada  King ',
      'commonName=ada king',
      '2.5.4.3=Ada King',
      'OID.2.5.4.3=Ada King',
      `cn=${hexString('Ada King')}`,
      'cn="Ada King"',
      'cn=\\41\\64\\61\\20King',
    ],
    comma: [
      'cn=Lovelace\\, Ada',
      'cn=Lovelace\\2C Ada',
      'cn=lovelace\\2c ada',
      'cn="Lovelace, Ada"',
      `cn=${hexString('Lovelace, Ada')}`,
    ],
    plus: ['cn=Smith \\+ Jones', 'cn=Smith \\2B Jones', 'cn="Smith + Jones"'],
    quotes: ['cn=\\"Ace\\" of Base', 'cn=\\22Ace\\22 of base', 'cn="\\"Ace\\" of Base"'],
    hash: ['cn=\\#1 fan', 'cn=\\231 FAN', `cn=${hexString('#1 fan')}`, 'cn="#1 fan"'],
    signs: ['cn=a\\\\b\\;c\\<d\\>e\\=f', 'cn=a\\5cb\\3bc\\3cd\\3ee=f', 'CN=A\\5CB\\3BC\\3CD\\3EE\\3DF'],
    emoji: [
      'cn=👩‍🚀 Astronaut',
      'cn=\\F0\\9F\\91\\A9\\E2\\80\\8D\\F0\\9F\\9A\\80 astronaut',
      `cn=${hexString('👩‍🚀 Astronaut')}`,
    ],
    trailing: ['cn=trailing\\20', 'cn=trailing\\ ', 'cn=trailing', 'cn=TRAILING   '],
    leading: ['cn=\\20leading', 'cn=\\ leading', 'cn=Leading'],
    umlaut: ['cn=Müller', 'cn=Mu\u0308ller', 'cn=MÜLLER', 'cn=M\\c3\\bcller', `cn=${hexString('müller')}`],
    multi: [
      'cn=Eve+employeeNumber=7',
      'employeeNumber=7+cn=Eve',
      'EMPLOYEENUMBER = 7 + CN = eve',
      '2.16.840.1.113730.3.1.3=7+2.5.4.3=Eve',
    ],
  };

  test('is that of the same person', async () => {
    const base = await newUnit(slapd, 'spellings', {});
    const shouted = base.toUpperCase().replaceAll(',', ' ; ');
    const valueOf = (uid: string, type: string): Readonly<Record<string, string>> =>
      uid === 'multi' ? { [type]: '7' } : {};
    await add(
      ...Object.entries(names).map(([uid, [rdn]]) =>
        ldifEntry(`${rdn},${base}`, {
          objectClass: 'inetOrgPerson',
          uid,
          sn: 'Test',
          ...cnOf(uid),
          ...valueOf(uid, 'employeeNumber'),
        }),
      ),
    );
    const spellings = Object.entries(names).flatMap(([uid, all]) =>
      all.flatMap((rdn, index) => [
        { group: `${uid} ${index}`, uid, dn: `${rdn},${base}` },
        { group: `${uid} ${index} elsewhere`, uid, dn: `${rdn}, ${shouted}` },
      ]),
    );
    // A server tidies up what it knows to be a name; in a description it stays as it was typed.
    await add(
      ...spellings.map(({ group, dn }) => groupOfNames(group, base, `cn=unknown,${base}`, { description: dn })),
    );
    await using at = await directoryFixture(
      slapd,
      {
        directory: { extends: 'openldap', groups: { memberDn: ['description'] } },
        users: { base },
        groups: { base },
      },
      { mapping: { user: { displayName: null } } },
    );
    expectExitCode(await at.pass(), 0);
    expect(at.members()).toEqual(Object.fromEntries(spellings.map(({ group, uid }) => [group, [uid]])));
  });

  test("and in the server's own spelling", async () => {
    const base = await newUnit(slapd, 'own-spelling', {});
    const crews = await newUnit(inside(base), 'crews', {});
    await add(
      ...Object.entries(names).map(([uid, [rdn]]) =>
        ldifEntry(`${rdn},${base}`, {
          objectClass: 'inetOrgPerson',
          uid,
          sn: 'Test',
          ...cnOf(uid),
          ...(uid === 'multi' ? { employeeNumber: '7' } : {}),
        }),
      ),
    );
    await add(
      ...Object.entries(names).map(([uid, all]) => groupOfNames(uid, crews, `${all[1] ?? ''}, ${base.toUpperCase()}`)),
    );
    await using at = await directoryFixture(slapd, { users: { base }, groups: { base } });
    expectExitCode(await at.pass(), 0);
    expect(at.members()).toEqual(Object.fromEntries(Object.keys(names).map((uid) => [uid, [uid]])));
  });

  test('and names that only look alike are two people', async () => {
    const base = await newUnit(slapd, 'alike', {});
    const pairs: Readonly<Record<string, string>> = {
      one: 'cn=a\\,b',
      other: 'cn=a b',
      deep: 'cn=x,cn=a',
      flat: 'cn=x\\,cn\\=a',
      muller: 'cn=Muller',
      mueller: 'cn=Müller',
    };
    await add(ldifEntry(`cn=a,${base}`, { objectClass: 'device', cn: 'a' }));
    await add(
      ...Object.entries(pairs).map(([uid, rdn]) =>
        ldifEntry(`${rdn},${base}`, { objectClass: 'inetOrgPerson', uid, sn: 'Test', cn: cnByPair[uid] ?? '' }),
      ),
    );
    await add(...Object.entries(pairs).map(([uid, rdn]) => groupOfNames(`g-${uid}`, base, `${rdn},${base}`)));
    await using at = await directoryFixture(slapd, { users: { base }, groups: { base } });
    expectExitCode(await at.pass(), 0);
    expect(at.members()).toEqual(Object.fromEntries(Object.keys(pairs).map((uid) => [`g-${uid}`, [uid]])));
  });

  const cnByPair: Readonly<Record<string, string>> = {
    one: 'a,b',
    other: 'a b',
    deep: 'x',
    flat: 'x,cn=a',
    muller: 'Muller',
    mueller: 'Müller',
  };
  const cnOf = (uid: string): Readonly<Record<string, string>> => ({
    cn:
      (
        {
          plain: 'Ada King',
          comma: 'Lovelace, Ada',
          plus: 'Smith + Jones',
          quotes: '"Ace" of Base',
          hash: '#1 fan',
          signs: 'a\\b;c<d>e=f',
          emoji: '👩‍🚀 Astronaut',
          trailing: 'trailing ',
          leading: ' leading',
          umlaut: 'Müller',
          multi: 'Eve',
        } as Readonly<Record<string, string>>
      )[uid] ?? '',
  });
});

/** People in two units, and a group of each sort: `linked` follows renamed members, `typed` does not. */
interface Company {
  readonly base: string;
  readonly at: DirectoryFixture;
  dn(uid: string, place?: string): string;
  [Symbol.asyncDispose](): Promise<void>;
}

async function company(name: string): Promise<Company> {
  const base = await newUnit(slapd, name, {});
  await newUnit(inside(base), 'red', { ada: { manager: `uid=bob,ou=red,${base}` }, bob: {} });
  await newUnit(inside(base), 'blue', { eve: {} });
  await newUnit(inside(base), 'crews', {});
  const dn = (uid: string, place = 'red'): string => `uid=${uid},ou=${place},${base}`;
  await add(
    groupOfNames('linked', `ou=crews,${base}`, [dn('ada'), dn('bob'), dn('eve', 'blue')]),
    groupOfUniqueNames('typed', `ou=crews,${base}`, [dn('ada'), dn('bob'), dn('eve', 'blue')]),
    groupOfNames('outer', `ou=crews,${base}`, `cn=linked,ou=crews,${base}`),
  );
  const at = await directoryFixture(
    slapd,
    { users: { base }, groups: { base }, sanity: { maxShrink: '100%', maxBlank: '100%' } },
    { guard: unlimitedGuard },
  );
  const { code, stderr } = await at.pass();
  if (code !== 0) {
    await at[Symbol.asyncDispose]();
    throw new Error(`the first pass ended with ${String(code)}: ${stderr}`);
  }
  drainLog(at.app);
  return { base, at, dn, [Symbol.asyncDispose]: () => at[Symbol.asyncDispose]() };
}

const rename = (dn: string, rdn: string, superior?: string): Promise<void> =>
  slapd.change(
    [
      ldifLine('dn', dn),
      'changetype: modrdn',
      ldifLine('newrdn', rdn),
      'deleteoldrdn: 1',
      ...(superior === undefined ? [] : [ldifLine('newsuperior', superior)]),
      '',
    ].join('\n'),
  );

/** Who has which id at the application. */
const ids = ({ at }: Company): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...at.app.users.values(), ...at.app.groups.values()].map(({ id, data }) => [
      id,
      data['userName'] ?? data['displayName'],
    ]),
  );

/** The writes of a pass, without ids. The next pass, with a full read, must have no changes. */
async function wrote({ at }: Company): Promise<readonly string[]> {
  expectExitCode(await at.pass(), 0);
  const requests = writes(drainLog(at.app))
    .map(({ method, path }) => `${method} ${/^\/\w+/.exec(path)?.[0] ?? ''}`)
    .sort();
  expectExitCode(await at.pass('--full'), 0);
  expect(writes(drainLog(at.app))).toEqual([]);
  return requests;
}

describe('another name for the same entry', () => {
  const allUids = ['ada', 'bob', 'eve'];
  const members = { linked: allUids, typed: allUids, outer: allUids };

  test('a person is renamed: one update of that person, and membership stays where the group follows', async () => {
    await using here = await company('rename');
    const before = ids(here);
    await rename(here.dn('bob'), 'uid=robert');
    // `typed` still names uid=bob, which no longer exists.
    expect(await wrote(here)).toEqual(['PATCH /Groups', 'PATCH /Users']);
    expect(here.at.members()).toEqual({
      linked: ['ada', 'eve', 'robert'],
      outer: ['ada', 'eve', 'robert'],
      typed: ['ada', 'eve'],
    });
    expect(ids(here)).toEqual(
      Object.fromEntries(Object.entries(before).map(([id, name]) => [id, name === 'bob' ? 'robert' : name])),
    );
    // The new owner of the old name takes over what still references it, and no more.
    await add(person('bob', `ou=red,${here.base}`));
    expect(await wrote(here)).toEqual(['PATCH /Groups', 'POST /Users']);
    expect(here.at.members()).toEqual({
      linked: ['ada', 'eve', 'robert'],
      outer: ['ada', 'eve', 'robert'],
      typed: ['ada', 'bob', 'eve'],
    });
  });

  test('a rename that is undone before the next read changes nothing', async () => {
    await using here = await company('back');
    await rename(here.dn('bob'), 'uid=robert');
    await rename(here.dn('robert'), 'uid=bob');
    expect(await wrote(here)).toEqual([]);
    expect(here.at.members()).toEqual(members);
  });

  test('a person moves to another unit: nothing but the membership that still names the old place', async () => {
    await using here = await company('move');
    const before = ids(here);
    await rename(here.dn('bob'), 'uid=bob', `ou=blue,${here.base}`);
    expect(await wrote(here)).toEqual(['PATCH /Groups']);
    expect(ids(here)).toEqual(before);
    expect(here.at.members()).toEqual({ ...members, typed: ['ada', 'eve'] });
  });

  test('a move together with an update of the typed name changes nothing', async () => {
    await using here = await company('updated');
    await rename(here.dn('bob'), 'uid=bob', `ou=blue,${here.base}`);
    await slapd.change(
      `dn: cn=typed,ou=crews,${here.base}\nchangetype: modify\n` +
        `delete: uniqueMember\nuniqueMember: ${here.dn('bob')}\n-\n` +
        `add: uniqueMember\nuniqueMember: ${here.dn('bob', 'blue')}\n`,
    );
    expect(await wrote(here)).toEqual([]);
    expect(here.at.members()).toEqual(members);
  });

  test('a group is renamed: one update of that group; it moves: nothing', async () => {
    await using here = await company('group');
    const before = ids(here);
    await rename(`cn=linked,ou=crews,${here.base}`, 'cn=the linked');
    expect(await wrote(here)).toEqual(['PATCH /Groups']);
    expect(ids(here)).toEqual(
      Object.fromEntries(Object.entries(before).map(([id, name]) => [id, name === 'linked' ? 'the linked' : name])),
    );
    expect(here.at.members()).toEqual({ 'the linked': allUids, typed: allUids, outer: allUids });
    await rename(`cn=the linked,ou=crews,${here.base}`, 'cn=the linked', `ou=blue,${here.base}`);
    expect(await wrote(here)).toEqual([]);
    expect(here.at.members()).toEqual({ 'the linked': allUids, typed: allUids, outer: allUids });
  });

  test('a whole unit is renamed: nothing but the memberships that still name the old one', async () => {
    await using here = await company('unit');
    const before = ids(here);
    await rename(`ou=red,${here.base}`, 'ou=crimson');
    const followed = await follows(here, `uid=bob,ou=crimson,${here.base}`);
    expect(followed).toBe(true);
    expect(await wrote(here)).toEqual(['PATCH /Groups']);
    expect(ids(here)).toEqual(before);
    expect(here.at.members()).toEqual({ ...members, typed: ['eve'] });
  });

  test('two users swap names: both keep their identity, groups that follow the rename keep their members', async () => {
    await using here = await company('swap');
    const before = ids(here);
    await rename(here.dn('ada'), 'uid=swapping');
    await rename(here.dn('bob'), 'uid=ada');
    await rename(here.dn('swapping'), 'uid=bob');
    const requests = await wrote(here);
    expect(requests.filter((request) => request !== 'PATCH /Users')).toEqual([]);
    const swapped: Readonly<Record<string, string>> = { ada: 'bob', bob: 'ada' };
    expect(ids(here)).toEqual(
      Object.fromEntries(Object.entries(before).map(([id, name]) => [id, swapped[String(name)] ?? name])),
    );
    expect(here.at.members()).toEqual(members);
  });

  test('a person moves out of the base and is a leaver; moves back, and is the same person again', async () => {
    await using here = await company('out');
    const before = ids(here);
    const outside = await newUnit(slapd, 'out-there', {});
    await rename(here.dn('bob'), 'uid=bob', outside);
    expect((await wrote(here)).filter((request) => /POST|DELETE/.test(request))).toEqual([]);
    expect(here.at.active()).toEqual({ ada: true, bob: false, eve: true });
    expect(here.at.members()).toEqual({ linked: ['ada', 'eve'], outer: ['ada', 'eve'], typed: ['ada', 'eve'] });
    await rename(`uid=bob,${outside}`, 'uid=bob', `ou=blue,${here.base}`);
    expect((await wrote(here)).filter((request) => /POST|DELETE/.test(request))).toEqual([]);
    expect(here.at.active()).toEqual({ ada: true, bob: true, eve: true });
    expect(ids(here)).toEqual(before);
    expect(here.at.members()).toEqual({ ...members, typed: ['ada', 'eve'] });
  });
});

/** Whether the server's own overlay put that name into `linked`. */
async function follows({ base }: Company, dn: string): Promise<boolean> {
  const found = await ldapTool(slapd, 'ldapsearch', [
    '-LLL',
    '-o',
    'ldif-wrap=no',
    '-b',
    `cn=linked,ou=crews,${base}`,
    '-s',
    'base',
    'member',
  ]);
  return found.includes(`member: ${dn}\n`);
}
