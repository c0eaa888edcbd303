import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { changeRecord } from '../../../world/directory/ldif/change-record.ts';
import { directoryFixture, type DirectoryFixture } from '../../../world/directory/directory-fixture.ts';
import { startDs389, type Ds389 } from '../../../world/directory/servers/ds389.ts';
import { describeOn } from '../../../world/directory/servers/describe-on.ts';
import { ldapTool } from '../../../world/directory/servers/server.ts';
import { groups, people, suffix } from '../../../world/directory/servers/slapd.ts';
import type { CliResult } from '../../../world/cli-workspace.ts';
import { countRequests, expectExitCode, writes } from '../../../world/fixture.ts';
import { unlimitedGuard } from '../../../world/limits.ts';

jest.setTimeout(120_000);

const unit = (ou: string, below: string): string =>
  changeRecord(`ou=${ou},${below}`, 'add', ['objectClass: organizationalUnit', `ou: ${ou}`]);
const person = (uid: string, below = people, given = uid, family = 'Test'): string =>
  changeRecord(`uid=${uid},${below}`, 'add', [
    'objectClass: inetOrgPerson',
    `uid: ${uid}`,
    `cn: ${given}`,
    `givenName: ${given}`,
    `sn: ${family}`,
    'employeeType: staff',
  ]);
const crewDn = `cn=crew,${groups}`;
const rename = (dn: string, rdn: string, below?: string): string =>
  changeRecord(dn, 'modrdn', [
    `newrdn: ${rdn}`,
    'deleteoldrdn: 1',
    ...(below === undefined ? [] : [`newsuperior: ${below}`]),
  ]);

/** People, two units with one more each, one group, and a unit that is outside with another in it. */
const beginning = (names: readonly string[]): string =>
  [
    unit('x', people),
    unit('w', people),
    unit('outside', suffix),
    unit('v', `ou=outside,${suffix}`),
    person('vic', `ou=v,ou=outside,${suffix}`),
    ...names.map((uid) => person(uid)),
    person('xan', `ou=x,${people}`),
    person('wim', `ou=w,${people}`),
    changeRecord(crewDn, 'add', [
      'objectClass: groupOfNames',
      'cn: crew',
      ...names.map((uid) => `member: uid=${uid},${people}`),
    ]),
  ].join('\n');

const source = {
  users: { base: people, filter: '(employeeType=staff)' },
  groups: { base: groups },
  sanity: { maxShrink: '100%' },
};
const generous = { guard: unlimitedGuard };

const unreportedReason = 'the changelog advanced without reporting which entries changed';

/** Why everything was read, by the log; undefined where changes were enough. */
const fullReadReason = ({ stderr }: CliResult): string | undefined =>
  /"reason":"((?:[^"\\]|\\.)*)","msg":"incremental read not possible; doing a full read"/.exec(stderr)?.[1];

function bookmark(at: DirectoryFixture, change?: (text: string) => string | null): string | null {
  const db = new Database(at.cli.path('scimsync.db'));
  try {
    const text = db.prepare('select bookmark from reading').pluck().get() as string | null;
    if (change !== undefined) db.prepare('update reading set bookmark = ?').run(change(text ?? ''));
    return text;
  } finally {
    db.close();
  }
}

/** A pass that may not read everything. */
async function quickPass(at: DirectoryFixture): Promise<void> {
  at.app.log.splice(0);
  expect(bookmark(at)).toContain('"method":"syncLog"');
  const run = await at.pass();
  expectExitCode(run, 0);
  expect(fullReadReason(run)).toBeUndefined();
}

describeOn('389ds', 'changes by content synchronisation', () => {
  let server: Ds389;
  let at: DirectoryFixture;
  beforeAll(async () => {
    server = await startDs389();
    await server.change(beginning(['ada', 'bob', 'cyn', 'dan', 'eve']));
    at = await directoryFixture(server, source, generous);
    expectExitCode(await at.pass(), 0);
  });
  afterAll(async () => {
    await at[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test('nothing changed', async () => {
    await quickPass(at);
    expect(at.app.log).toEqual([]);
    expect(at.active()).toEqual({ ada: true, bob: true, cyn: true, dan: true, eve: true, xan: true, wim: true });
    expect(at.members()).toEqual({ crew: ['ada', 'bob', 'cyn', 'dan', 'eve'] });
  });

  // Each begins where the one before ended.
  test.each<
    [string, string, Readonly<Record<string, boolean>>, readonly string[], readonly [users: number, groups: number]]
  >([
    ['a joiner', person('fay'), { fay: true }, ['ada', 'bob', 'cyn', 'dan', 'eve'], [1, 0]],
    [
      'who changed',
      changeRecord(`uid=fay,${people}`, 'modify', ['replace: title', 'title: Boss']),
      {},
      ['ada', 'bob', 'cyn', 'dan', 'eve'],
      [1, 0],
    ],
    [
      'who is locked',
      changeRecord(`uid=fay,${people}`, 'modify', ['replace: nsAccountLock', 'nsAccountLock: true']),
      { fay: false },
      ['ada', 'bob', 'cyn', 'dan', 'eve'],
      [1, 0],
    ],
    [
      'who is unlocked',
      changeRecord(`uid=fay,${people}`, 'modify', ['delete: nsAccountLock']),
      { fay: true },
      ['ada', 'bob', 'cyn', 'dan', 'eve'],
      [1, 0],
    ],
    [
      'who is deleted',
      changeRecord(`uid=eve,${people}`, 'delete'),
      { eve: false },
      ['ada', 'bob', 'cyn', 'dan'],
      [1, 1],
    ],
    [
      'who leaves the filter',
      changeRecord(`uid=dan,${people}`, 'modify', ['replace: employeeType', 'employeeType: guest']),
      { dan: false },
      ['ada', 'bob', 'cyn'],
      [1, 1],
    ],
    [
      'who comes back into it',
      changeRecord(`uid=dan,${people}`, 'modify', ['replace: employeeType', 'employeeType: staff']),
      { dan: true },
      ['ada', 'bob', 'cyn', 'dan'],
      [1, 1],
    ],
    [
      'who moves to another unit',
      rename(`uid=dan,${people}`, 'uid=dan', `ou=x,${people}`),
      {},
      ['ada', 'bob', 'cyn', 'dan'],
      [0, 0],
    ],
    [
      'who leaves the base and comes back at once',
      [
        rename(`uid=dan,ou=x,${people}`, 'uid=dan', `ou=outside,${suffix}`),
        rename(`uid=dan,ou=outside,${suffix}`, 'uid=dan', people),
      ].join('\n'),
      {},
      ['ada', 'bob', 'cyn', 'dan'],
      [0, 0],
    ],
    [
      'who leaves the base',
      rename(`uid=dan,${people}`, 'uid=dan', `ou=outside,${suffix}`),
      { dan: false },
      ['ada', 'bob', 'cyn'],
      [1, 1],
    ],
    [
      'who returns',
      rename(`uid=dan,ou=outside,${suffix}`, 'uid=dan', people),
      { dan: true },
      ['ada', 'bob', 'cyn', 'dan'],
      [1, 1],
    ],
    [
      'a member less',
      changeRecord(crewDn, 'modify', ['delete: member', `member: uid=cyn,${people}`]),
      {},
      ['ada', 'bob', 'dan'],
      [0, 1],
    ],
    [
      'a member more',
      changeRecord(crewDn, 'modify', ['add: member', `member: UID = XAN,OU=x,${people}`]),
      {},
      ['ada', 'bob', 'dan', 'xan'],
      [0, 1],
    ],
  ])('%s', async (_, ldif, active, members, [users, groupWrites]) => {
    const before = at.active();
    await server.change(ldif);
    await quickPass(at);
    expect(at.active()).toEqual({ ...before, ...active });
    expect(at.members()).toEqual({ crew: members });
    const sent = writes(at.app.log);
    expect([
      countRequests(sent, 'PATCH', /^\/Users/) + countRequests(sent, 'POST', '/Users'),
      countRequests(sent, 'PATCH', /^\/Groups/),
    ]).toEqual([users, groupWrites]);
    await quickPass(at);
    expect(at.app.log).toEqual([]);
  });

  test('made and gone between two passes, which the server does not tell', async () => {
    const before = at.active();
    await server.change(`${person('tmp')}\n${changeRecord(`uid=tmp,${people}`, 'delete')}`);
    const run = await at.pass();
    expectExitCode(run, 0);
    expect(fullReadReason(run)).toBe(unreportedReason);
    expect(at.active()).toEqual(before);
  });

  test('deleted and created under the same name is another user', async () => {
    const before = at.active();
    const other = person('cyn', people, 'Cynthia', 'Other');
    await server.change(`${changeRecord(`uid=cyn,${people}`, 'delete')}\n${other}`);
    await quickPass(at);
    const left = Object.keys(at.active()).filter((name) => name.startsWith('cyn.left-'));
    expect(left).toHaveLength(1);
    expect(at.active()).toEqual({ ...before, [left[0] ?? '']: false });
    expect(at.members()).toEqual({ crew: ['ada', 'bob', 'dan', 'xan'] });
  });

  test('who is renamed stays the same account and in the same groups', async () => {
    const ids = [...at.app.users.keys()];
    await server.change(`${rename(`uid=bob,${people}`, 'uid=robert')}\n${person('bob')}`);
    await quickPass(at);
    expect([...at.app.users.keys()].filter((id) => !ids.includes(id))).toHaveLength(1);
    expect(at.active()).toMatchObject({ robert: true, bob: true });
    expect(at.members()).toEqual({ crew: ['ada', 'dan', 'robert', 'xan'] });
    expect(countRequests(at.app.log, 'PATCH', /^\/Groups/)).toBe(0);
  });

  test('a group that is renamed, one that is made, one that is deleted', async () => {
    await server.change(rename(crewDn, 'cn=staff'));
    await quickPass(at);
    expect(at.members()).toEqual({ staff: ['ada', 'dan', 'robert', 'xan'] });
    await server.change(
      changeRecord(`cn=outer,${groups}`, 'add', [
        'objectClass: groupOfUniqueNames',
        'cn: outer',
        `uniqueMember: cn=staff,${groups}`,
        `uniqueMember: uid=cyn,${people}`,
      ]),
    );
    await quickPass(at);
    expect(at.members()).toEqual({
      staff: ['ada', 'dan', 'robert', 'xan'],
      outer: ['ada', 'cyn', 'dan', 'robert', 'xan'],
    });
    await server.change(changeRecord(`cn=staff,${groups}`, 'delete'));
    await quickPass(at);
    expect(at.members()).toMatchObject({ outer: ['cyn'] });
  });

  // Three units: 2.3.1 itself finds those in a unit under their old names once it is renamed or moved for the second
  // time.
  test.each([
    ['renamed', 'xan', rename(`ou=x,${people}`, 'ou=xx'), true, 0],
    ['moved out of the base', 'wim', rename(`ou=w,${people}`, 'ou=w', `ou=outside,${suffix}`), false, 0],
    ['moved into it', 'vic', rename(`ou=v,ou=outside,${suffix}`, 'ou=v', people), true, 1],
  ])('a unit that is %s takes its users along', async (_, who, ldif, isActive, joiners) => {
    const accounts = at.app.users.size;
    await server.change(ldif);
    const run = await at.pass();
    expectExitCode(run, 0);
    expect(fullReadReason(run)).toBe('a container was created, renamed or moved');
    expect(at.active()[who]).toBe(isActive);
    expect(at.app.users.size).toBe(accounts + joiners);
    await quickPass(at);
    expect(at.app.log).toEqual([]);
  });
});

describeOn('389ds', 'without referential integrity', () => {
  test('a renamed member is in no group until the group has the new name', async () => {
    await using server = await startDs389({ referentialIntegrity: false });
    await server.change(beginning(['ada', 'bob']));
    await using at = await directoryFixture(server, source, generous);
    expectExitCode(await at.pass(), 0);
    await server.change(rename(`uid=bob,${people}`, 'uid=robert'));
    await quickPass(at);
    expect(at.active()).toEqual({ ada: true, robert: true, xan: true, wim: true });
    expect(at.members()).toEqual({ crew: ['ada'] });
    await server.change(changeRecord(crewDn, 'modify', ['add: member', `member: uid=robert,${people}`]));
    await quickPass(at);
    expect(at.members()).toEqual({ crew: ['ada', 'robert'] });
    // The new owner of a DN takes over the membership that the group states for it.
    await server.change(person('bob'));
    await quickPass(at);
    expect(at.members()).toEqual({ crew: ['ada', 'bob', 'robert'] });
  });
});

describeOn('389ds', 'a cookie that leads nowhere', () => {
  let server: Ds389;
  let at: DirectoryFixture;
  let leaver = 0;
  beforeAll(async () => {
    server = await startDs389();
    await server.change(beginning(Array.from({ length: 12 }, (_, index) => `p${index}`)));
    at = await directoryFixture(server, source, generous);
  });
  beforeEach(async () => {
    expectExitCode(await at.pass(), 0);
    expect(bookmark(at)).toContain('"method":"syncLog"');
  });
  afterAll(async () => {
    await at[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  interface Written {
    readonly method: string;
    readonly cookies: Readonly<Record<string, string>>;
    readonly version: string;
  }
  const cookies =
    (change: (cookie: string) => string) =>
    (text: string): string => {
      const written = JSON.parse(text) as Written;
      const changed = Object.entries(written.cookies).map(([name, cookie]) => [
        name,
        Buffer.from(change(Buffer.from(cookie, 'base64').toString())).toString('base64'),
      ]);
      return JSON.stringify({ ...written, cookies: Object.fromEntries(changed) as unknown });
    };

  async function findsLeaver(run: CliResult): Promise<void> {
    expectExitCode(run, 0);
    expect(at.active()[`p${leaver}`]).toBe(false);
    expect(Object.values(at.active()).filter((active) => active === false)).toHaveLength(leaver + 1);
    leaver += 1;
    at.app.log.splice(0);
    await quickPass(at);
    expect(at.app.log).toEqual([]);
  }

  test.each([
    ['garbage', cookies(() => 'garbage'), 'the cookie has no change number'],
    [
      'of another server',
      cookies((cookie) => cookie.replace(/^localhost:\d+/, 'elsewhere:389')),
      'the server refuses its cookie (result code 4096)',
    ],
    [
      'of another account',
      cookies((cookie) => cookie.replace('cn=directory manager', 'cn=other')),
      'the server refuses its cookie (result code 4096)',
    ],
    [
      'of a change that never was',
      cookies((cookie) => cookie.replace(/#\d+$/, '#99999')),
      'the server refuses its cookie (result code 4096)',
    ],
    [
      'that is missing',
      (text: string) => text.replace(/"cookies":\{[^}]*\}/, '"cookies":{}'),
      `the bookmark has no cookie for ${suffix}`,
    ],
    [
      'of an unknown method',
      (text: string) => text.replace('syncLog', 'smoke signals'),
      'the method of the last incremental read is no longer usable',
    ],
    [
      'of another import',
      (text: string) => text.replace(/"version":"\d+"/, '"version":"0"'),
      'the server was restarted or reinitialised; its changelog may be incomplete',
    ],
  ])('%s: a full read follows, and the log has the reason', async (_, change, reason) => {
    bookmark(at, change);
    await server.change(changeRecord(`uid=p${leaver},${people}`, 'delete'));
    const run = await at.pass();
    expect(fullReadReason(run)).toBe(reason);
    await findsLeaver(run);
  });

  test('after a restart of the server', async () => {
    await server.signal('SIGTERM');
    await server.start();
    await server.change(changeRecord(`uid=p${leaver},${people}`, 'delete'));
    const run = await at.pass();
    expect(fullReadReason(run)).toBe('the server was restarted or reinitialised; its changelog may be incomplete');
    await findsLeaver(run);
  });

  test('of a change that the log has forgotten', async () => {
    const log = 'cn=Retro Changelog Plugin,cn=plugins,cn=config';
    await server.change(
      changeRecord(log, 'modify', [
        'replace: nsslapd-changelogmaxage',
        'nsslapd-changelogmaxage: 2s',
        '-',
        'replace: nsslapd-changelog-trim-interval',
        'nsslapd-changelog-trim-interval: 1',
      ]),
    );
    await server.signal('SIGTERM');
    await server.start();
    expectExitCode(await at.pass(), 0);
    await server.change(changeRecord(`uid=p${leaver},${people}`, 'delete'));
    const known = Number(
      /#(\d+)$/.exec(
        Buffer.from(Object.values((JSON.parse(bookmark(at) ?? '') as Written).cookies)[0] ?? '', 'base64').toString(),
      )?.[1],
    );
    await until(async () => {
      // It keeps the newest change, so that others must follow.
      await server.change(
        changeRecord(`uid=xan,ou=x,${people}`, 'modify', ['replace: description', `description: ${Date.now()}`]),
      );
      return (
        Number(
          /^firstchangenumber: (\d+)/m.exec(
            await ldapTool(server, 'ldapsearch', ['-LLL', '-s', 'base', '-b', '', 'firstchangenumber']),
          )?.[1],
        ) >
        known + 1
      );
    });
    const run = await at.pass();
    expect(fullReadReason(run)).toMatch(
      new RegExp(`^the changelog starts at change \\d+ and no longer holds change ${known + 1}$`),
    );
    expectExitCode(run, 0);
    expect(at.active()[`p${leaver}`]).toBe(false);
  });
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await isSo())) if (Date.now() > deadline) throw new Error('it did not come true within a minute');
}

describeOn('389ds', 'a log without nsUniqueId', () => {
  test('is found out, and everything is read', async () => {
    await using server = await startDs389();
    await server.change(
      [
        beginning(['ada', 'bob']),
        changeRecord('cn=Retro Changelog Plugin,cn=plugins,cn=config', 'modify', ['delete: nsslapd-attribute']),
      ].join('\n'),
    );
    await server.signal('SIGTERM');
    await server.start();
    await using at = await directoryFixture(server, source, generous);
    expectExitCode(await at.pass(), 0);
    await server.change(changeRecord(`uid=bob,${people}`, 'delete'));
    const run = await at.pass();
    expectExitCode(run, 0);
    expect(fullReadReason(run)).toBe(unreportedReason);
    expect(at.active()).toEqual({ ada: true, bob: false, xan: true, wim: true });
    expect(at.members()).toEqual({ crew: ['ada'] });
  });
});

describeOn('389ds', 'an account that may not synchronise', () => {
  const reader = { dn: `uid=reader,${suffix}`, password: 'reader-secret' };
  const readerRecord = changeRecord(reader.dn, 'add', [
    'objectClass: account',
    'objectClass: simpleSecurityObject',
    'uid: reader',
    `userPassword: ${reader.password}`,
  ]);

  test('reads everything by pages, before and after', async () => {
    await using server = await startDs389();
    await server.change([beginning(['ada', 'bob', 'cyn']), readerRecord].join('\n'));
    await using at = await directoryFixture(
      { url: server.url, caFile: server.caFile, admin: reader },
      source,
      generous,
    );
    expectExitCode(await at.pass(), 0);
    await quickPass(at);
    await server.change(
      [
        changeRecord('oid=1.3.6.1.4.1.4203.1.9.1.1,cn=features,cn=config', 'modify', ['delete: aci']),
        changeRecord(`uid=bob,${people}`, 'delete'),
      ].join('\n'),
    );
    const run = await at.pass();
    expectExitCode(run, 0);
    expect(fullReadReason(run)).toBe('the server refuses its cookie (result code 50)');
    expect(bookmark(at)).toBeNull();
    expect(at.active()).toEqual({ ada: true, bob: false, cyn: true, xan: true, wim: true });
    expect(at.members()).toEqual({ crew: ['ada', 'cyn'] });
    await server.change(changeRecord(`uid=cyn,${people}`, 'delete'));
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, bob: false, cyn: false, xan: true, wim: true });
    at.app.log.splice(0);
    expectExitCode(await at.pass(), 0);
    expect(at.app.log).toEqual([]);
  });

  test('a changelog that went back is refused until an operator accepts it', async () => {
    await using server = await startDs389();
    await server.change(beginning(['ada', 'bob']));
    await using at = await directoryFixture(server, source, generous);
    expectExitCode(await at.pass(), 0);
    const db = new Database(at.cli.path('scimsync.db'));
    const facts = JSON.parse(db.prepare('select facts from reading').pluck().get() as string) as {
      position: { changeNumbers: Record<string, number> };
    };
    const numbers = Object.entries(facts.position.changeNumbers);
    expect(numbers).toHaveLength(1);
    const position = { changeNumbers: Object.fromEntries(numbers.map(([url, number]) => [url, number + 1])) };
    db.prepare('update reading set facts = ?').run(JSON.stringify({ ...facts, position }));
    db.close();
    const refused = await at.pass();
    expectExitCode(refused, 1);
    expect(refused.stderr).toContain('source.wentBack');
    expectExitCode(await at.cli.run('sync', '--accept-source'), 0);
    expectExitCode(await at.pass(), 0);
  });

  test('that may not see nsUniqueId reads everything, whatever its key is', async () => {
    await using server = await startDs389();
    await server.change([beginning(['ada', 'bob']), readerRecord].join('\n'));
    await server.change(
      changeRecord(suffix, 'modify', [
        'add: aci',
        'aci: (targetattr="nsUniqueId")(version 3.0; acl "hidden"; ' +
          `deny (read, search, compare) userdn="ldap:///${reader.dn}";)`,
      ]),
    );
    await using at = await directoryFixture(
      { url: server.url, caFile: server.caFile, admin: reader },
      { ...source, users: { ...source.users, key: 'uid' }, groups: { ...source.groups, key: 'cn' } },
      generous,
    );
    expectExitCode(await at.pass(), 0);
    expect(bookmark(at)).toBeNull();
    await server.change(changeRecord(`uid=bob,${people}`, 'delete'));
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toEqual({ ada: true, bob: false, xan: true, wim: true });
    expect(at.members()).toEqual({ crew: ['ada'] });
  });
});
