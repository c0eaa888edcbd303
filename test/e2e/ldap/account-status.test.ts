import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { ldifEntry } from '../../world/directory/ldif/ldif-entry.ts';
import { ldapTool, run as runTool } from '../../world/directory/servers/server.ts';
import { startSlapd, suffix, type Slapd } from '../../world/directory/servers/slapd.ts';
import { person, createUnit as newUnit } from '../../world/directory/create-unit.ts';
import { expectExitCode, drainLog, writes } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';

jest.setTimeout(60_000);

const policies = `ou=policies,${suffix}`;

let slapd: Slapd;
beforeAll(async () => {
  slapd = await startSlapd({
    overlays: ['syncprov'],
    database: `overlay ppolicy\nppolicy_default "cn=standard,${policies}"`,
    ldif: [
      ldifEntry(policies, { objectClass: 'organizationalUnit', ou: 'policies' }),
      ldifEntry(`cn=standard,${policies}`, {
        objectClass: ['pwdPolicy', 'device'],
        cn: 'standard',
        pwdAttribute: 'userPassword',
        pwdLockout: 'TRUE',
        pwdMaxFailure: '2',
        pwdLockoutDuration: '0',
      }),
    ].join('\n'),
  });
});
afterAll(async () => {
  await slapd[Symbol.asyncDispose]();
});

const unit = (name: string, entries: Parameters<typeof newUnit>[2]): Promise<string> => newUnit(slapd, name, entries);
const set = (dn: string, attribute: string, value: string): Promise<void> =>
  slapd.change(`dn: ${dn}\nchangetype: modify\nreplace: ${attribute}\n${attribute}: ${value}\n`);
const clear = (dn: string, attribute: string): Promise<void> =>
  slapd.change(`dn: ${dn}\nchangetype: modify\nreplace: ${attribute}\n`);

/** What the last pass sent, without what it only looked up. */
const sent = (at: DirectoryFixture): readonly string[] =>
  writes(drainLog(at.app)).map(({ method, path }) => `${method} ${/^\/\w+/.exec(path)?.[0] ?? ''}`);

describe('locked accounts', () => {
  test('an administrative lock deactivates, its end reactivates; a lock by failed logins does not', async () => {
    const base = await unit('locked', { ada: { userPassword: 'ada' }, bob: { userPassword: 'bob' }, eve: {} });
    await using at = await directoryFixture(slapd, { users: { base } });
    expectExitCode(await at.pass(), 0);
    drainLog(at.app);

    const wrong = runTool('ldapwhoami', ['-x', '-H', slapd.plainUrl, '-D', `uid=bob,${base}`, '-w', 'wrong']);
    await expect(wrong).rejects.toThrow('Invalid credentials');
    await expect(
      runTool('ldapwhoami', ['-x', '-H', slapd.plainUrl, '-D', `uid=bob,${base}`, '-w', 'wrong']),
    ).rejects.toThrow('Invalid credentials');
    const locked = await ldapTool(slapd, 'ldapsearch', ['-LLL', '-b', `uid=bob,${base}`, 'pwdAccountLockedTime']);
    expect(locked).toMatch(/pwdAccountLockedTime: 20\d+Z/);
    expectExitCode(await at.pass(), 0);
    expectExitCode(await at.pass('--full'), 0);
    expect(sent(at)).toEqual([]);

    await set(`uid=eve,${base}`, 'pwdAccountLockedTime', '000001010000Z');
    expectExitCode(await at.pass(), 0);
    expect(sent(at)).toEqual(['PATCH /Users']);
    expect(at.active()).toEqual({ ada: true, bob: true, eve: false });

    await clear(`uid=eve,${base}`, 'pwdAccountLockedTime');
    expectExitCode(await at.pass(), 0);
    expect(sent(at)).toEqual(['PATCH /Users']);
    expect(at.active()).toEqual({ ada: true, bob: true, eve: true });
  });

  test('have no effect where the directory profile does not use them', async () => {
    const base = await unit('unlooked', { ada: {} });
    await set(`uid=ada,${base}`, 'pwdAccountLockedTime', '000001010000Z');
    await using at = await directoryFixture(slapd, { directory: 'generic', users: { base } });
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true });
  });
});

const day = 86_400_000;

describe('shadowExpire', () => {
  const today = (): number => Math.floor(Date.now() / day);
  const shadow = (expire: number | string): Record<string, string | string[]> => ({
    objectClass: ['inetOrgPerson', 'shadowAccount'],
    shadowExpire: String(expire),
  });
  const crew = (): Record<string, Record<string, string | string[]>> => ({
    never: shadow(-1),
    none: { objectClass: ['inetOrgPerson', 'shadowAccount'] },
    past: shadow(today() - 1),
    now: shadow(today()),
    ages: shadow(1),
    tomorrow: shadow(today() + 1),
    far: shadow(40_000),
  });

  test('is ignored by default', async () => {
    const base = await unit('shadow-off', crew());
    await using at = await directoryFixture(slapd, { users: { base } });
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({
      never: true,
      none: true,
      past: true,
      now: true,
      ages: true,
      tomorrow: true,
      far: true,
    });
  });

  test('ends the account on its day, which comes although nothing in the directory changes', async () => {
    const base = await unit('shadow-on', crew());
    await using at = await directoryFixture(slapd, { users: { base, shadowExpire: true } });
    expectExitCode(await at.pass(), 0);
    // A user who is inactive from the start gets no account.
    expect(at.active()).toEqual({ never: true, none: true, tomorrow: true, far: true });
    drainLog(at.app);
    expectExitCode(await at.pass(), 0);
    expect(at.app.log).toEqual([]);

    const run = await at.cli.runAhead(day, 'sync', '--json');
    expectExitCode(run, 0);
    expect(run.stderr).not.toContain('doing a full read');
    expect(sent(at)).toEqual(['PATCH /Users']);
    expect(at.active()).toEqual({ never: true, none: true, tomorrow: false, far: true });
    await set(`uid=tomorrow,${base}`, 'shadowExpire', String(today() + 30));
    expectExitCode(await at.cli.runAhead(day, 'sync', '--json'), 0);
    expect(at.active()).toEqual({ never: true, none: true, tomorrow: true, far: true });
  });

  test('of 0 is rejected; that user stays, and another one who is absent is a leaver', async () => {
    const base = await unit('shadow-zero', { ada: shadow(-1), bob: shadow(40_000), eve: shadow(-1) });
    await using at = await directoryFixture(slapd, { users: { base, shadowExpire: true } }, { guard: unlimitedGuard });
    expectExitCode(await at.pass(), 0);
    await set(`uid=bob,${base}`, 'shadowExpire', '0');
    await slapd.change(`dn: uid=eve,${base}\nchangetype: delete\n`);
    drainLog(at.app);
    const run = await at.pass();
    expectExitCode(run, 1);
    expect(run.stderr).toContain('shadowExpire = \\"0\\"');
    expect(at.active()).toEqual({ ada: true, bob: true, eve: false });

    await set(`uid=bob,${base}`, 'shadowExpire', '1');
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, bob: false, eve: false });
  });

  test('is a sign beside those of the kind', async () => {
    const base = await unit('shadow-too', { ada: shadow(-1), bob: shadow(40_000) });
    await set(`uid=ada,${base}`, 'pwdAccountLockedTime', '000001010000Z');
    await using at = await directoryFixture(slapd, { users: { base, shadowExpire: true } });
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ bob: true });
  });
});

describe('users.active', () => {
  test.each([
    ['a text', 'user.employeeType != "left"', { ada: true, bob: true, kim: true }],
    ['an attribute that must be there', 'has(user.employeeType)', { bob: true, eve: true }],
    ['several values', '!values.description.exists(each, each == "gone")', { ada: true, bob: true, eve: true }],
    ['where the entry is', '!user.dn.contains("uid=eve,")', { ada: true, bob: true, kim: true }],
    ['another name of the attribute', 'user.surname == "Test"', { ada: true, bob: true, eve: true, kim: true }],
    [
      'something that the server keeps',
      'user.entryUUID != "" && user.createTimestamp > "2020"',
      { ada: true, bob: true, eve: true, kim: true },
    ],
  ])('looks at %s, instead of the signs of the kind', async (name, active, expected) => {
    const base = await unit(name.replaceAll(' ', '-'), {
      ada: {},
      bob: { employeeType: 'staff' },
      eve: { employeeType: 'left' },
      kim: { description: ['fine', 'gone'] },
    });
    await set(`uid=bob,${base}`, 'pwdAccountLockedTime', '000001010000Z');
    await using at = await directoryFixture(slapd, { users: { base, active } });
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual(expected);
  });

  test('makes leavers and lets them come back, by changes alone', async () => {
    const base = await unit('active-changes', { ada: { employeeType: 'staff' }, bob: { employeeType: 'staff' } });
    await using at = await directoryFixture(slapd, { users: { base, active: 'user.employeeType == "staff"' } });
    expectExitCode(await at.pass(), 0);
    await set(`uid=bob,${base}`, 'employeeType', 'alumni');
    drainLog(at.app);
    expectExitCode(await at.pass(), 0);
    expect(sent(at)).toEqual(['PATCH /Users']);
    expect(at.active()).toEqual({ ada: true, bob: false });
    await set(`uid=bob,${base}`, 'employeeType', 'staff');
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, bob: true });
  });

  test('that cannot be determined for one user rejects that user; another one who is absent is a leaver', async () => {
    const base = await unit('active-unclear', {
      ada: { employeeNumber: '1' },
      bob: { employeeNumber: '2' },
      eve: { employeeNumber: '3' },
    });
    await using at = await directoryFixture(
      slapd,
      { users: { base, active: 'int(user.employeeNumber) < 10' } },
      { guard: unlimitedGuard },
    );
    expectExitCode(await at.pass(), 0);
    await set(`uid=bob,${base}`, 'employeeNumber', 'two');
    await slapd.change(`dn: uid=eve,${base}\nchangetype: delete\n`);
    drainLog(at.app);
    const run = await at.pass();
    expectExitCode(run, 1);
    expect(run.stderr).toContain(`\\"uid=bob,${base}\\": cannot determine whether this user is active`);
    expect(sent(at)).toEqual(['PATCH /Users']);
    expect(at.active()).toEqual({ ada: true, bob: true, eve: false });
    await set(`uid=bob,${base}`, 'employeeNumber', '20');
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, bob: false, eve: false });
  });
});

describe('a kind in place', () => {
  const withSigns = (base: string, ...inactive: readonly object[]): Promise<DirectoryFixture> =>
    directoryFixture(
      slapd,
      { directory: { extends: 'openldap', inactive }, users: { base } },
      { guard: unlimitedGuard },
    );
  /** Between 1601 and 1970, in 100 ns. */
  const fileTime = (ms: number): string => String((BigInt(ms) + 11_644_473_600_000n) * 10_000n);
  const generalized = (ms: number): string => `${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;

  test.each([
    [
      'is',
      { attribute: 'employeeType', is: 'Closed' },
      'employeeType',
      ['CLOSED', 'closed '],
      ['open', 'closed for now'],
    ],
    ['bit', { attribute: 'departmentNumber', bit: 2 }, 'departmentNumber', ['2', '514', '66050'], ['0', '512', '1']],
    [
      'fileTime',
      { attribute: 'employeeNumber', past: 'fileTime' },
      'employeeNumber',
      [fileTime(Date.now() - 1000), '1'],
      ['0', '9223372036854775807', fileTime(Date.now() + day)],
    ],
    [
      'generalizedTime',
      { attribute: 'roomNumber', past: 'generalizedTime' },
      'roomNumber',
      ['20200101000000Z', '2020010100+0100', '20200101000000.5Z'],
      [generalized(Date.now() + day), '20990101Z'.replace('Z', '00Z')],
    ],
    [
      'days',
      { attribute: 'carLicense', past: 'days' },
      'carLicense',
      ['1', String(Math.floor(Date.now() / day))],
      ['-1', '40000'],
    ],
    ['another name of the attribute', { attribute: 'userid', is: 'inactive0' }, 'employeeType', ['whatever'], []],
  ])('decides by %s', async (name, sign, attribute, inactive, active) => {
    const people = [
      ...inactive.map((value, index) => [`inactive${index}`, value]),
      ...active.map((value, index) => [`active${index}`, value]),
    ];
    const base = await unit(`sign-${name.replaceAll(' ', '-')}`, {
      without: {},
      ...Object.fromEntries(people.map(([uid, value]) => [uid, { [attribute]: value ?? '' }])),
    });
    await using at = await withSigns(base, sign);
    expectExitCode(await at.pass(), 0);
    expect(Object.keys(at.active()).sort()).toEqual([...active.map((_, index) => `active${index}`), 'without'].sort());
  });

  test('may combine several conditions; an unclear one rejects that user, and an absent user is a leaver', async () => {
    const base = await unit('signs', {
      ada: { employeeType: 'open', departmentNumber: '1' },
      bob: { employeeType: 'closed', departmentNumber: '1' },
      eve: { departmentNumber: ['1', '2'] },
      kim: {},
    });
    await using at = await withSigns(
      base,
      { attribute: 'employeeType', is: 'closed' },
      { attribute: 'departmentNumber', bit: 2 },
    );
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, kim: true });
    await set(`uid=ada,${base}`, 'departmentNumber', 'two');
    await slapd.change(`dn: uid=kim,${base}\nchangetype: delete\n`);
    drainLog(at.app);
    const run = await at.pass();
    expectExitCode(run, 1);
    expect(run.stderr).toContain('departmentNumber = \\"two\\"');
    expect(sent(at)).toEqual(['PATCH /Users']);
    expect(at.active()).toEqual({ ada: true, kim: false });
  });

  test('expires by time, in a pass without changes', async () => {
    const base = await unit('moment', { ada: { roomNumber: generalized(Date.now() + day / 24) }, bob: {} });
    await using at = await withSigns(base, { attribute: 'roomNumber', past: 'generalizedTime' });
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, bob: true });
    drainLog(at.app);
    expectExitCode(await at.cli.runAhead(day / 12, 'sync', '--json'), 0);
    expect(sent(at)).toEqual(['PATCH /Users']);
    expect(at.active()).toEqual({ ada: false, bob: true });
  });

  test('may have no signs at all', async () => {
    const base = await unit('signless', { ada: {} });
    await set(`uid=ada,${base}`, 'pwdAccountLockedTime', '000001010000Z');
    await using at = await withSigns(base);
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true });
  });
});

test('a joiner who is inactive gets no account until they are active', async () => {
  const base = await unit('joiners', { ada: {} });
  await using at = await directoryFixture(slapd, { users: { base } });
  expectExitCode(await at.pass(), 0);
  await slapd.change(person('bob', base));
  await set(`uid=bob,${base}`, 'pwdAccountLockedTime', '000001010000Z');
  drainLog(at.app);
  expectExitCode(await at.pass(), 0);
  expect(sent(at)).toEqual([]);
  await clear(`uid=bob,${base}`, 'pwdAccountLockedTime');
  expectExitCode(await at.pass(), 0);
  expect(sent(at)).toEqual(['POST /Users']);
  expect(at.active()).toEqual({ ada: true, bob: true });
});
