import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { limitNames } from '../../../src/model/plan.ts';
import { account, peopleLdif, group, uidOf, person } from '../../world/directory/ldif/people-ldif.ts';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { describeOn } from '../../world/directory/servers/describe-on.ts';
import { storedState } from '../../world/directory/stored-state.ts';
import { expectNoSecret, sourceVerdict } from '../../world/directory/expect-refusal.ts';
import { groups, people, startSlapd, suffix, type Slapd } from '../../world/directory/servers/slapd.ts';
import { expectExitCode, writes } from '../../world/fixture.ts';

jest.setTimeout(60_000);

type Source = Readonly<Record<string, unknown>>;

describeOn('slapd', 'scimsync check', () => {
  let slapd: Slapd;
  /** The same without content synchronisation. */
  let older: Slapd;
  let at: DirectoryFixture;
  const limited = { dn: `cn=limited,${suffix}`, password: 'limited-secret' };
  beforeAll(async () => {
    const odd = person('odd', 'employeeNumber: 1\n');
    const ldif = [
      peopleLdif(6),
      odd,
      account('limited', limited.password),
      group('crew', [uidOf(1)]),
      group('team', [uidOf(2)]),
    ].join('\n');
    const limits = `limits dn.exact="${limited.dn}" size.soft=5 size.hard=5
access to * by users read by anonymous auth`;
    [slapd, older] = await Promise.all([
      startSlapd({ ldif, database: limits }),
      startSlapd({ ldif, overlays: [], database: limits }),
    ]);
    at = await directoryFixture(slapd, { users: { base: people }, groups: { base: groups } });
    writeFileSync(at.cli.path('limited'), limited.password);
    expectExitCode(await at.pass(), 0);
  });
  afterAll(async () => {
    await at[Symbol.asyncDispose]();
    for (const server of [slapd, older]) await server[Symbol.asyncDispose]();
  });

  /** `check` stores the ServiceProviderConfig that it read, here the same again, and when. */
  const checkedState = (): ReturnType<typeof storedState> => storedState(at.cli, { target: ['discovery_read_at'] });

  const answers = (
    url: string,
    kind = 'openldap',
    keys = 'key of users: entryUUID, of groups: entryUUID',
  ): readonly string[] => [`source: directory ${url} answers`, `source: ${url}: directory profile ${kind}; ${keys}`];
  const bySync = 'source: incremental reads use content synchronization (RFC 4533)';
  const always =
    'source: incremental reads are not available (account rights or mapped attributes); every pass does a full read';
  const noUsers = 'source: no users found; a pass would be held. Check base, filter and the read rights of the account';
  const noSigns = (signs = 'pwdAccountLockedTime, pwdEndTime'): unknown =>
    expect.stringContaining(`source: signs of inactivity that no person shows: ${signs}.`);
  const shrunk = expect.stringMatching(/^source: 1 users instead of 7: .*\(code: source\.shrunk\)$/);
  /** Another server has the same people under other keys. */
  const otherKeys = [
    expect.stringMatching(/^source: 7 people and 2 groups changed their key/),
    ...Array.from({ length: 9 }, () => expect.stringMatching(/^source: key( of a group)? changed: /)),
    expect.stringContaining('"scimsync relink"'),
  ];
  const withoutNumber = Array.from({ length: 5 }, (_, index) =>
    expect.stringMatching(
      new RegExp(`^source: row ${index + 1} of the users: "uid=${uidOf(index + 1)},${people}" .*employeeNumber`),
    ),
  );

  test.each<[string, number, () => [Source, readonly unknown[]]]>([
    [
      'a correct configuration',
      0,
      () => [{}, [...answers(slapd.url), bySync, 'source: read to its end: 7 people, 2 groups', noSigns()]],
    ],
    [
      'users only',
      0,
      () => [
        { groups: undefined },
        [
          ...answers(slapd.url, 'openldap', 'key of users: entryUUID'),
          bySync,
          'source: read to its end: 7 people, 0 groups',
          noSigns(),
        ],
      ],
    ],
    [
      'a filter',
      0,
      () => [
        { users: { base: people, filter: '(uid=p000*)' }, groups: { base: groups, filter: '(cn=crew)' } },
        [...answers(slapd.url), bySync, 'source: read to its end: 6 people, 1 group', noSigns()],
      ],
    ],
    [
      'a key and a kind of its own',
      1,
      () => [
        { directory: 'generic', users: { base: people, filter: '(employeeNumber=*)', key: 'employeeNumber' } },
        [
          ...answers(slapd.url, 'generic', 'key of users: employeeNumber, of groups: entryUUID'),
          bySync,
          'source: read to its end: 1 person, 2 groups',
          shrunk,
        ],
      ],
    ],
    [
      'a server that announces a control that it refuses',
      0,
      () => [
        { url: older.url, tls: { caFile: older.caFile } },
        [...answers(older.url), bySync, 'source: read to its end: 7 people, 2 groups', always, noSigns(), ...otherKeys],
      ],
    ],
    [
      'no users',
      1,
      () => [
        { users: { base: people, filter: '(uid=unknown)' } },
        [...answers(slapd.url), bySync, 'source: read to its end: 0 people, 2 groups', noUsers, noSigns()],
      ],
    ],
    [
      'the wrong directory profile',
      1,
      () => [
        { directory: 'activeDirectory' },
        [
          ...answers(slapd.url, 'activeDirectory', 'key of users: objectGUID, of groups: objectGUID'),
          'source: incremental reads are not available; every pass does a full read',
          'source: read to its end: 0 people, 0 groups',
          always,
          noUsers,
          noSigns('userAccountControl, accountExpires'),
        ],
      ],
    ],
    [
      'a key that few users have',
      1,
      () => [
        { users: { base: people, key: 'employeeNumber' } },
        [
          ...answers(slapd.url, 'openldap', 'key of users: employeeNumber, of groups: entryUUID'),
          bySync,
          'source: read to its end: 1 person, 2 groups',
          ...withoutNumber,
          'source: 6 rows of the source were rejected; correct them in the source',
          noSigns(),
          shrunk,
        ],
      ],
    ],
    [
      'no such base',
      1,
      () => [
        { groups: { base: `ou=teams,${suffix}` } },
        [...answers(slapd.url), bySync, expect.stringMatching(/noSuchObject/)],
      ],
    ],
    [
      'an account with a limit',
      1,
      () => [
        { bind: { dn: limited.dn, password: { file: './limited' } } },
        [...answers(slapd.url), bySync, expect.stringMatching(/sizeLimitExceeded/)],
      ],
    ],
    [
      'another certificate authority',
      1,
      () => [{ tls: { caFile: slapd.certificates.otherCaFile } }, [expect.stringMatching(/source\.tls\.caFile/)]],
    ],
  ])('%s (exit code %i)', async (_what, code, given) => {
    const [source, expected] = given();
    at.configure(source);
    const before = checkedState();
    at.app.log.splice(0);
    const run = await at.cli.run('check');
    expectExitCode(run, code);
    expect(sourceVerdict(run)).toEqual(expected);
    // The application is looked at all the same, and nothing is changed there or here.
    expect(run.stdout).toContain(`app: ${at.app.url} answers, and lists users`);
    // The limits in force. A limit has several lines where it covers several kinds of changes.
    const limitsShown = [...run.stdout.matchAll(/^app: {3}(\w+) \S/gm)].map(([, limit]) => limit);
    expect(new Set(limitsShown)).toEqual(new Set(limitNames));
    expect(writes(at.app.log)).toEqual([]);
    expect(checkedState()).toEqual(before);
    expectNoSecret(at, run, [slapd.admin.password, limited.password]);
  });

  test('check reports that a mapping by memberOf prevents incremental reads', async () => {
    at.configure({}, { mapping: { user: { nickName: "has(user.memberOf) ? 'member' : 'none'" } } });
    const run = await at.cli.run('check');
    expectExitCode(run, 0);
    expect(sourceVerdict(run)).toEqual([
      ...answers(slapd.url),
      bySync,
      'source: read to its end: 7 people, 2 groups',
      always,
      noSigns(),
    ]);
  });
});
