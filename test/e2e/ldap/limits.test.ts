import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { account, peopleLdif, group, uidOf, person } from '../../world/directory/ldif/people-ldif.ts';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { describeOn } from '../../world/directory/servers/describe-on.ts';
import { isOperation, searchesIn } from '../../world/directory/ldap-message.ts';
import {
  expectError,
  expectNoChanges,
  expectRefusal,
  expectRefusalOfOtherSource,
  type Refusal,
} from '../../world/directory/expect-refusal.ts';
import {
  groups,
  people,
  startSlapd,
  suffix,
  type Slapd,
  type SlapdOptions,
} from '../../world/directory/servers/slapd.ts';
import { startProxy } from '../../world/directory/ldap-proxy.ts';
import { expectExitCode, writes } from '../../world/fixture.ts';

jest.setTimeout(120_000);

type Source = Readonly<Record<string, unknown>>;

const truncated = (url: string, base = people): Refusal => ({
  code: 'ldap.sizeLimitExceeded',
  mentions: [url, `"${base}"`],
});
const refused = (url: string, message = ''): Refusal => ({
  code: 'ldap.adminLimitExceeded',
  mentions: [url, `"${people}"`, message],
});

/** Readers with limits of their own (slapd.conf(5), limits). */
const readers = {
  hard: 'size.soft=500 size.hard=500',
  unlimitedPages: 'size.soft=500 size.hard=500 size.prtotal=unlimited',
  smallPages: 'size.pr=100',
  smallPagesAndFew: 'size.pr=100 size.soft=550 size.hard=550',
  fewByPages: 'size.prtotal=500 size.soft=500 size.hard=500',
  noPages: 'size.prtotal=disabled',
  noPagesAndFew: 'size.prtotal=disabled size.soft=500 size.hard=500',
  fewCandidates: 'size.unchecked=100',
  free: 'size=unlimited',
} as const;
type Reader = keyof typeof readers;

const limitLines = Object.entries(readers)
  .map(([name, limit]) => `limits dn.exact="cn=${name},${suffix}" ${limit}\n`)
  .join('');
const accounts = Object.keys(readers)
  .map((name) => account(name, 'reader-secret'))
  .join('\n');

/** The group itself is small; it is who is in it that is many. */
const ldifOf = (count: number): string => [peopleLdif(count), accounts, group('crew', [uidOf(1), uidOf(2)])].join('\n');

interface LimitFixture {
  readonly slapd: Slapd;
  readonly at: DirectoryFixture;
  readonly as: (reader: Reader, more?: Source) => void;
  [Symbol.asyncDispose](): Promise<void>;
}

async function limitFixture(count: number, options: SlapdOptions): Promise<LimitFixture> {
  const { ldif = [] } = options;
  const slapd = await startSlapd({
    ...options,
    ldif: [ldifOf(count), ...(typeof ldif === 'string' ? [ldif] : ldif)].join('\n'),
    database: `${limitLines}access to * by users read by anonymous auth`,
  });
  const at = await directoryFixture(
    { ...slapd, admin: { dn: '', password: 'reader-secret' } },
    { users: { base: people }, groups: { base: groups } },
  );
  const as = (reader: Reader, more: Source = {}): void => {
    at.configure({ bind: { dn: `cn=${reader},${suffix}`, password: { env: 'LDAP_PASSWORD' } }, ...more });
  };
  return {
    slapd,
    at,
    as,
    async [Symbol.asyncDispose]() {
      await at[Symbol.asyncDispose]();
      await slapd[Symbol.asyncDispose]();
    },
  };
}

describeOn('slapd', 'size limits', () => {
  describe.each([
    ['by pages', []],
    ['by content synchronisation', ['syncprov']],
  ] as const)('%s', (_way, overlays) => {
    let here: LimitFixture;
    beforeAll(async () => {
      here = await limitFixture(600, { overlays });
      here.as('free');
      expectExitCode(await here.at.pass(), 0);
      expect(here.at.app.users.size).toBe(600);
      expect(here.at.members()).toEqual({ crew: [uidOf(1), uidOf(2)] });
    });
    afterAll(() => here[Symbol.asyncDispose]());

    test.each<[Reader, Source, (url: string) => Refusal]>([
      ['hard', {}, truncated],
      ['hard', { pageSize: 100 }, truncated],
      ['hard', { pageSize: 7 }, truncated],
      ['fewByPages', {}, truncated],
      ['fewByPages', { pageSize: 100 }, truncated],
      ['smallPagesAndFew', { pageSize: 100 }, truncated],
      ['smallPagesAndFew', {}, (url) => refused(url, 'illegal pagedResults page size')],
      ['noPagesAndFew', {}, (url) => refused(url, 'pagedResults control not allowed')],
      ['fewCandidates', {}, (url) => refused(url)],
    ])('%s %j: a truncated result is an error', async (reader, more, refusal) => {
      here.as(reader, more);
      await expectRefusal(here.at, refusal(here.slapd.url));
    });

    test.each<[Reader, Source]>([
      ['unlimitedPages', {}],
      ['unlimitedPages', { pageSize: 500 }],
      ['smallPages', { pageSize: 100 }],
      // Pages of that size are refused, and all at once is not.
      ['smallPages', {}],
      ['noPages', {}],
      ['free', { pageSize: 1 }],
    ])('%s %j: everything', async (reader, more) => {
      here.as(reader, more);
      here.at.app.log.splice(0);
      const run = await here.at.pass();
      expectExitCode(run, 0);
      expect(run.stderr).toContain('"users":600,"groups":1,"memberships":2');
      expect(here.at.app.log).toEqual([]);
    });
  });

  test.each(['hard', 'fewByPages', 'noPagesAndFew'] as const)(
    'a limit that is just met, and passed by one (%s)',
    async (reader) => {
      await using here = await limitFixture(499, { overlays: [] });
      here.as(reader);
      expectExitCode(await here.at.pass(), 0);
      expect(here.at.app.users.size).toBe(499);
      await here.slapd.change(person('last'));
      expectExitCode(await here.at.pass(), 0);
      expect(here.at.app.users.size).toBe(500);
      await here.slapd.change(person('late'));
      await expectRefusal(
        here.at,
        reader === 'noPagesAndFew'
          ? refused(here.slapd.url, 'pagedResults control not allowed')
          : truncated(here.slapd.url),
      );
    },
  );

  test('a limit that only the groups exceed', async () => {
    const many = Array.from({ length: 501 }, (_, index) => group(`g${index}`, [uidOf(1)])).join('\n');
    await using here = await limitFixture(20, { overlays: [], ldif: many });
    here.as('free');
    expectExitCode(await here.at.pass(), 0);
    expect(here.at.app.groups.size).toBe(502);
    here.as('hard');
    await expectRefusal(here.at, truncated(here.slapd.url, groups));
    here.as('free');
    await expectNoChanges(here.at);
  });
});

describeOn('slapd', 'time limits', () => {
  test('a search that the server ends for its length', async () => {
    const long = 'x'.repeat(20_000);
    const users = Array.from({ length: 800 }, (_, index) => person(uidOf(index), `description: ${long}\n`));
    const ldif = [...users, account('hasty', 'hasty-secret')].join('\n');
    await using slapd = await startSlapd({
      ldif,
      overlays: [],
      database: `limits dn.exact="cn=hasty,${suffix}" time=1\naccess to * by users read by anonymous auth`,
    });
    let isSlow = false;
    let entryCount = 0;
    await using proxy = await startProxy(slapd.port, {
      onResponse: async (message) => {
        // Delayed, in a response larger than all buffers on the way, for longer than the server allows.
        if (isOperation('entry', message) && (entryCount += 1) === 10 && isSlow) await sleep(2_500);
        return [message];
      },
    });
    await using at = await directoryFixture(
      { ...slapd, admin: { dn: `cn=hasty,${suffix}`, password: 'hasty-secret' } },
      {
        url: `ldap://127.0.0.1:${proxy.port}`,
        tls: undefined,
        allowPlaintextPassword: true,
        users: { base: people, active: "user.description != 'left'" },
        pageSize: 2_000,
      },
    );
    expectExitCode(await at.pass(), 0);
    isSlow = true;
    for (const command of ['plan', 'sync']) {
      entryCount = 0;
      at.app.log.splice(0);
      const run = await at.cli.run(command, '--json');
      expectExitCode(run, 1);
      expectError(run, {
        code: 'ldap.timeLimitExceeded',
        mentions: [`ldap://127.0.0.1:${proxy.port}`, `"${people}"`],
      });
      expect(at.app.log).toEqual([]);
    }
    isSlow = false;
    await expectNoChanges(at);
  });
});

describeOn('slapd', 'referrals', () => {
  const elsewhere = 'ldap://other.example.test/ou=people,dc=other,dc=test';
  const referral = (name: string): string =>
    `dn: ${name}\nobjectClass: referral\nobjectClass: extensibleObject\n` +
    `${/^ou=/.test(name) ? 'ou' : 'cn'}: ${/=([^,]+)/.exec(name)?.[1] ?? ''}\nref: ${elsewhere}\n`;
  const branch = `ou=branch,${suffix}`;

  describe.each([
    ['by pages', []],
    ['by content synchronisation', ['syncprov']],
  ] as const)('%s', (_way, overlays) => {
    let slapd: Slapd;
    let at: DirectoryFixture;
    beforeAll(async () => {
      slapd = await startSlapd({
        ldif: [peopleLdif(20), referral(branch)].join('\n'),
        overlays,
        global: 'referral ldap://root.example.test',
      });
      at = await directoryFixture(slapd, { users: { base: people }, groups: { base: groups } });
      expectExitCode(await at.pass(), 0);
    });
    afterAll(async () => {
      await at[Symbol.asyncDispose]();
      await slapd[Symbol.asyncDispose]();
    });
    const refers = (base: string, to: string): Refusal => ({
      code: 'ldap.referral',
      mentions: [slapd.url, `"${base}"`, to],
    });

    test('a base that is a referral', async () => {
      at.configure({ users: { base: branch } });
      await expectRefusalOfOtherSource(at, refers(branch, `${elsewhere}??sub`));
    });

    test('a base below a referral', async () => {
      at.configure({ users: { base: `ou=deep,${branch}` } });
      await expectRefusalOfOtherSource(
        at,
        refers(`ou=deep,${branch}`, 'ldap://other.example.test/ou=deep,ou=people,dc=other,dc=test??sub'),
      );
    });

    test('a base that the server refers elsewhere as a whole', async () => {
      at.configure({ users: { base: 'dc=elsewhere' } });
      await expectRefusalOfOtherSource(at, refers('dc=elsewhere', 'ldap://root.example.test/dc=elsewhere??sub'));
    });

    test('a referral outside the base is irrelevant', async () => {
      at.configure({});
      await expectNoChanges(at);
    });

    test('a referral somewhere below the base, there from the beginning', async () => {
      at.configure({ users: { base: suffix } });
      await expectRefusalOfOtherSource(at, refers(suffix, `${elsewhere}??sub`));
    });

    test('a referral among the groups that comes later', async () => {
      at.configure({});
      const away = `cn=away,${groups}`;
      await slapd.change(referral(away));
      await expectRefusal(at, refers(groups, `${elsewhere}??sub`));
      // The user who is missing in the result must not count as a leaver.
      await slapd.change(`dn: uid=${uidOf(3)},${people}\nchangetype: delete\n`);
      await expectRefusal(at, refers(groups, `${elsewhere}??sub`));
      // slapd(8): -M, manageDsaIT, touches the referral itself.
      await slapd.remove(away);
      expectExitCode(await at.pass(), 0);
      expect(at.active()[uidOf(3)]).toBe(false);
      expect(Object.values(at.active()).filter((active) => active === true)).toHaveLength(19);
    });
  });
});

describeOn('slapd', 'rights', () => {
  test.each([
    ['by pages', []],
    ['by content synchronisation', ['syncprov']],
  ] as const)('an account that may read the users only, and no entry above them (%s)', async (_way, overlays) => {
    const secret = { dn: `cn=narrow,${suffix}`, password: 'narrow-secret' };
    const access = `access to dn.subtree="${people}" by dn.exact="${secret.dn}" read by * none
access to attrs=userPassword by anonymous auth by * none
access to * by * none`;
    await using slapd = await startSlapd({
      ldif: [peopleLdif(12), account('narrow', secret.password)].join('\n'),
      overlays,
      database: access,
    });
    await using at = await directoryFixture({ ...slapd, admin: secret }, { users: { base: people } });
    expectExitCode(await at.pass(), 0);
    expect(at.app.users.size).toBe(12);
    await slapd.change(`dn: uid=${uidOf(5)},${people}\nchangetype: delete\n`);
    expectExitCode(await at.pass(), 0);
    expect(Object.entries(at.active()).filter(([, active]) => active === false)).toEqual([[uidOf(5), false]]);
  });
});

describeOn('slapd', 'rights that are taken away between two passes', () => {
  test.each([
    ['by pages', []],
    ['by content synchronisation', ['syncprov']],
  ] as const)('no leaver is made up, and none overlooked (%s)', async (_way, overlays) => {
    const reader = { dn: `cn=reader,${suffix}`, password: 'reader-secret' };
    const sees = `access to dn.subtree="${people}" by dn.exact="${reader.dn}" read by * none`;
    const blind = `access to dn.subtree="${people}" by * none`;
    await using slapd = await startSlapd({
      ldif: [peopleLdif(12), account('reader', reader.password)].join('\n'),
      overlays,
      database: `${sees}\naccess to * by users read by anonymous auth`,
    });
    const reconfigure = async (from: string, to: string): Promise<void> => {
      const file = join(slapd.folder, 'slapd.conf');
      writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
      await slapd.signal('SIGTERM');
      await slapd.start();
    };
    await using at = await directoryFixture({ ...slapd, admin: reader }, { users: { base: people } });
    expectExitCode(await at.pass(), 0);
    const unseen: Refusal = { code: 'ldap.noSuchObject', mentions: [slapd.url, `"${people}"`] };
    await reconfigure(sees, blind);
    await expectRefusal(at, unseen);
    await slapd.change(`dn: uid=${uidOf(5)},${people}\nchangetype: delete\n`);
    await expectRefusal(at, unseen);
    await reconfigure(blind, sees);
    expectExitCode(await at.pass(), 0);
    expect(Object.entries(at.active()).filter(([, active]) => active === false)).toEqual([[uidOf(5), false]]);
  });
});

describeOn('slapd', 'what is asked for', () => {
  test('is the attributes that mappings, scopes and keys use, without a limit of ours', async () => {
    await using slapd = await startSlapd({ ldif: [peopleLdif(3), group('crew', [uidOf(1)])].join('\n'), overlays: [] });
    await using proxy = await startProxy(slapd.port);
    await using at = await directoryFixture(slapd, {
      url: `ldap://127.0.0.1:${proxy.port}`,
      tls: undefined,
      allowPlaintextPassword: true,
      users: { base: people, key: 'employeeNumber' },
      groups: { base: groups },
    });
    const uses = {
      scope: { users: "user.employeeType != 'robot'", groups: "group.businessCategory != 'hidden'" },
      mapping: {
        user: {
          userName: 'user.uid',
          displayName: 'user["cn;lang-de"]',
          'name.givenName': null,
          'name.familyName': 'user.SN',
          'emails[type eq "work"].value': null,
          'phoneNumbers[type eq "work"].value': null,
          title: null,
          'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber': null,
          'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department': null,
          'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value': null,
        },
        group: { displayName: 'group.cn' },
      },
    };
    at.configure({}, uses);
    // All rows are rejected, because no user has the key; only the request matters here.
    expectExitCode(await at.cli.run('plan', '--json'), 1);
    const searches = proxy.connections.flatMap(({ sent }) => searchesIn(sent));
    expect(searches.map(({ sizeLimit, timeLimit }) => sizeLimit + timeLimit)).toEqual(searches.map(() => 0));
    const attributesOf = (base: string): readonly (readonly string[])[] =>
      [
        ...new Set(
          searches
            .filter((search) => search.base === base)
            .map(({ attributes }) => JSON.stringify([...attributes].sort((one, other) => one.localeCompare(other)))),
        ),
      ].map((text) => JSON.parse(text) as string[]);
    expect(attributesOf(people)).toEqual([
      ['cn;lang-de', 'employeeNumber', 'employeeType', 'entryUUID', 'pwdAccountLockedTime', 'pwdEndTime', 'SN', 'uid'],
    ]);
    expect(attributesOf(groups)).toEqual([
      ['businessCategory', 'cn', 'entryUUID', 'member', 'memberUid', 'memberURL', 'uniqueMember'],
    ]);
    expect(writes(at.app.log)).toEqual([]);
  });

  test('is everything only where an expression computes a name', async () => {
    await using slapd = await startSlapd({ ldif: peopleLdif(3), overlays: [] });
    await using proxy = await startProxy(slapd.port);
    await using at = await directoryFixture(slapd, {
      url: `ldap://127.0.0.1:${proxy.port}`,
      tls: undefined,
      allowPlaintextPassword: true,
      users: { base: people },
    });
    at.configure({}, { mapping: { user: { displayName: "user['c' + 'n']" } } });
    expectExitCode(await at.pass(), 0);
    const searches = proxy.connections.flatMap(({ sent }) => searchesIn(sent)).filter(({ base }) => base === people);
    expect(searches.every(({ attributes }) => attributes.includes('*'))).toBe(true);
    expect([...at.app.users.values()].map(({ data }) => data['displayName']).sort()).toEqual([
      'p0001 Test',
      'p0002 Test',
      'p0003 Test',
    ]);
  });
});
