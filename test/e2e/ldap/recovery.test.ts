import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { describeOn } from '../../world/directory/servers/describe-on.ts';
import { programPath } from '../../world/directory/servers/installed.ts';
import { addRecord, deleteRecord, modifyRecord, renameRecord } from '../../world/directory/ldif/change-records.ts';
import type { SourcePosition } from '../../../src/model/reading/source-position.ts';
import { directoryMirror, type DirectoryMirror, type MirrorOptions } from '../../world/directory/mirror.ts';
import { run } from '../../world/directory/servers/server.ts';
import { groups, people, startSlapd, type Slapd } from '../../world/directory/servers/slapd.ts';
import { tickingClock, type TickingClock } from '../../world/directory/ticking-clock.ts';

jest.setTimeout(60_000);

const hour = 3_600_000;
const dn = (uid: string, under = people): string => `uid=${uid},${under}`;
const person = (uid: string, under = people): string =>
  addRecord(dn(uid, under), [
    ['objectClass', 'inetOrgPerson'],
    ['uid', uid],
    ['cn', uid],
    ['sn', 'Test'],
    ['title', 'Clerk'],
  ]);
const team = (cn: string, ...members: readonly string[]): string =>
  addRecord(`cn=${cn},${groups}`, [
    ['objectClass', 'groupOfNames'],
    ['cn', cn],
    ...members.map((member) => ['member', member] as const),
  ]);

/** The position of a server whose changes this one does not have yet. */
function aYearLater(position: SourcePosition | undefined): SourcePosition {
  const csns = Object.entries(position?.csns ?? {}).map(([context, byId]) => {
    const later = Object.entries(byId).map(([id, csn]) => [id, csn.replace(/^\d{4}/, (year) => `${Number(year) + 1}`)]);
    return [context, Object.fromEntries(later) as Readonly<Record<string, string>>] as const;
  });
  if (csns.length === 0) throw new Error('the position of slapd has no contextCSN');
  return { csns: Object.fromEntries(csns) };
}

describeOn('slapd', 'a reading of changes that is not to be had, or not enough', () => {
  let slapd: Slapd;
  let clock: TickingClock;
  let options: MirrorOptions;
  let mirrors: DirectoryMirror[];

  beforeEach(async () => {
    slapd = await startSlapd();
    await slapd.change([person('ada'), person('bob'), person('eve'), team('crew', dn('ada'), dn('bob'))].join(''));
    clock = tickingClock();
    options = {
      users: { base: people },
      groups: { base: groups, nested: 'flatten' },
      uses: { users: new Set(['uid']), groups: new Set(['cn']) },
      clock,
    };
    mirrors = [];
  });
  afterEach(async () => {
    for (const mirror of mirrors) mirror[Symbol.dispose]();
    await slapd[Symbol.asyncDispose]();
  });

  const mirrorOf = (changes: Partial<MirrorOptions> = {}, server: Slapd = slapd): DirectoryMirror => {
    const mirror = directoryMirror(server, { ...options, ...changes });
    mirrors.push(mirror);
    return mirror;
  };
  const readInFull = async (changes: Partial<MirrorOptions> = {}): Promise<readonly string[]> => {
    const mirror = mirrorOf(changes);
    await mirror.read();
    return mirror.lines();
  };
  const logins = (mirror: DirectoryMirror): readonly string[] =>
    mirror
      .lines()
      .flatMap((line) => /^User \S+ active (?:until \d+ )?\{"uid":\["([^"]+)"\]/.exec(line)?.[1] ?? [])
      .sort();
  const memberships = (mirror: DirectoryMirror): number => mirror.lines().filter((line) => line.includes('>')).length;
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const withCookies =
    (cookie: (name: string, before: string) => string) =>
    (text: string): string => {
      const { method, cookies } = JSON.parse(text) as { method: string; cookies: Record<string, string> };
      return JSON.stringify({
        method,
        cookies: Object.fromEntries(Object.entries(cookies).map(([name, before]) => [name, cookie(name, before)])),
      });
    };

  test('nothing and little happened: changes alone are read', async () => {
    const mirror = mirrorOf();
    expect(await mirror.read()).toMatchObject({ isFullRead: true, reasons: [], number: 1 });
    expect(await mirror.read()).toMatchObject({ isFullRead: false, reasons: [], number: 1 });
    await slapd.change(deleteRecord(dn('eve')));
    expect(await mirror.read()).toMatchObject({ isFullRead: false, reasons: [], number: 2 });
    expect(logins(mirror)).toEqual(['ada', 'bob']);
  });

  test.each<[string, (text: string) => string | undefined, readonly string[]]>([
    ['is lost', () => undefined, []],
    ['is no bookmark', () => 'nonsense', ['the method of the last incremental read is no longer usable']],
    [
      'is that of another method',
      () => JSON.stringify({ method: 'dirSync', cookie: 'AAAA' }),
      ['the method of the last incremental read is no longer usable'],
    ],
    [
      'lacks the cookie of a part',
      (text) => text.replace('"users"', '"others"'),
      ['the bookmark has no cookie for users'],
    ],
    [
      'has an empty cookie',
      withCookies((name, before) => (name === 'users' ? '' : before)),
      ['the bookmark has no cookie for users'],
    ],
    ['is garbage', withCookies(() => base64('garbage')), ['the server ignored its cookie']],
    [
      'is garbage for people',
      withCookies((name, before) => (name === 'users' ? base64('garbage') : before)),
      ['the server ignored its cookie'],
    ],
    [
      'is garbage for groups',
      withCookies((name, before) => (name === 'groups' ? base64('garbage') : before)),
      ['the server ignored its cookie'],
    ],
    [
      'comes from another make of server',
      withCookies(() => base64('localhost:389#cn=directory manager:ou=people:(uid=*)#28')),
      ['the server ignored its cookie'],
    ],
    [
      'comes from the past',
      withCookies(() => base64('rid=000,csn=20200101000000.000000Z#000000#000#000000')),
      ['the server sent the entries that are present, not the changes'],
    ],
    [
      'comes from the future',
      withCookies(() => base64('rid=000,csn=20990101000000.000000Z#000000#000#000000')),
      ['the server refuses its cookie (result code 53)'],
    ],
    [
      'comes from a provider that is none here',
      withCookies((_, before) =>
        base64(Buffer.from(before, 'base64').toString().replace('#000#000000', '#007#000000')),
      ),
      ['the server sent the entries that are present, not the changes'],
    ],
  ])('the bookmark %s', async (_, edit, reasons) => {
    const mirror = mirrorOf();
    await mirror.read();
    await slapd.change(deleteRecord(dn('eve')) + person('joiner') + renameRecord(dn('bob'), 'uid=robert'));
    mirror.bookmark(edit);
    expect(await mirror.read()).toMatchObject({ isFullRead: true, reasons });
    expect(logins(mirror)).toEqual(['ada', 'joiner', 'robert']);
    expect(mirror.lines()).toEqual(await readInFull());
    await slapd.change(deleteRecord(dn('joiner')));
    expect(await mirror.read()).toMatchObject({ isFullRead: false, reasons: [] });
    expect(logins(mirror)).toEqual(['ada', 'robert']);
  });

  test('the bookmark comes from another server of the same make', async () => {
    const mirror = mirrorOf();
    await mirror.read();
    await slapd.change(deleteRecord(dn('eve')));
    const other = await startSlapd();
    try {
      await other.change(person('zoe'));
      const theirs = mirrorOf({}, other);
      await theirs.read();
      let bookmark: string | undefined;
      theirs.bookmark((text) => (bookmark = text));
      mirror.bookmark(() => bookmark);
    } finally {
      await other[Symbol.asyncDispose]();
    }
    expect(await mirror.read()).toMatchObject({
      isFullRead: true,
      reasons: ['the server refuses its cookie (result code 53)'],
    });
    expect(logins(mirror)).toEqual(['ada', 'bob']);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'the server ended by %s after a leaver, and was started again',
    async (signal) => {
      const mirror = mirrorOf();
      await mirror.read();
      await slapd.change(deleteRecord(dn('eve')));
      await slapd.signal(signal);
      await slapd.start();
      // After a crash, contextCSN can be lower until the next change.
      expect((await mirror.read({ acceptSource: signal === 'SIGKILL' })).isFullRead).toBe(true);
      expect(logins(mirror)).toEqual(['ada', 'bob']);
      await slapd.change(deleteRecord(dn('bob')));
      expect((await mirror.read({ acceptSource: false })).isFullRead).toBe(false);
      expect(logins(mirror)).toEqual(['ada']);
      expect(mirror.lines()).toEqual(await readInFull());
    },
  );

  test('the server was restored from a backup, and changed since', async () => {
    const mirror = mirrorOf();
    await mirror.read();
    const backup = await run(programPath('slapcat') ?? 'slapcat', ['-f', join(slapd.folder, 'slapd.conf')]);
    await slapd.change(deleteRecord(dn('eve')));
    await mirror.read();
    expect(logins(mirror)).toEqual(['ada', 'bob']);
    await slapd.signal('SIGTERM');
    rmSync(join(slapd.folder, 'data'), { recursive: true });
    mkdirSync(join(slapd.folder, 'data'));
    await run(programPath('slapadd') ?? 'slapadd', ['-q', '-f', join(slapd.folder, 'slapd.conf')], { input: backup });
    await slapd.start();
    // Now it is ahead of the last reading; the entry of the leaver is not.
    await slapd.change(person('next'));
    mirror.bookmark(() => undefined);
    await expect(mirror.read({ acceptSource: false })).rejects.toMatchObject({ code: 'source.wentBack' });
    expect(logins(mirror)).toEqual(['ada', 'bob']);
    expect((await mirror.read()).isFullRead).toBe(true);
    expect(logins(mirror)).toEqual(['ada', 'bob', 'eve', 'next']);
  });

  test('the server was restored from a backup, and knows nothing of what was read since', async () => {
    const mirror = mirrorOf();
    const backup = await run(programPath('slapcat') ?? 'slapcat', ['-f', join(slapd.folder, 'slapd.conf')]);
    await slapd.change(person('late') + deleteRecord(dn('eve')));
    await mirror.read();
    expect(logins(mirror)).toEqual(['ada', 'bob', 'late']);
    await slapd.signal('SIGTERM');
    rmSync(join(slapd.folder, 'data'), { recursive: true });
    mkdirSync(join(slapd.folder, 'data'));
    await run(programPath('slapadd') ?? 'slapadd', ['-q', '-f', join(slapd.folder, 'slapd.conf')], { input: backup });
    await slapd.start();
    // Refused until an operator accepts it, also where everything is read, or where contextCSN is hidden.
    const refused = { code: 'source.wentBack' };
    await expect(mirror.read({ acceptSource: false })).rejects.toMatchObject(refused);
    mirror.facts(({ position: _, ...facts }) => facts);
    await expect(mirror.read({ acceptSource: false })).rejects.toMatchObject(refused);
    expect(logins(mirror)).toEqual(['ada', 'bob', 'late']);
    expect(await mirror.read()).toMatchObject({
      isFullRead: true,
      reasons: ['the server refuses its cookie (result code 53)'],
    });
    expect(logins(mirror)).toEqual(['ada', 'bob', 'eve']);
    await slapd.change(person('next'));
    expect((await mirror.read({ acceptSource: false })).isFullRead).toBe(false);
    // A later replica, or one without a bookmark.
    mirror.facts((facts) => ({ ...facts, position: aYearLater(facts.position) }));
    mirror.bookmark(() => undefined);
    await expect(mirror.read({ acceptSource: false })).rejects.toMatchObject(refused);
  });

  test('another mapping needs another attribute', async () => {
    const mirror = mirrorOf();
    await mirror.read();
    const uses = { ...options.uses, users: new Set(['uid', 'title']) };
    expect(await mirror.read({ uses })).toMatchObject({ isFullRead: true, reasons: [], number: 2 });
    expect(mirror.lines()).toEqual(await readInFull({ uses }));
    expect((await mirror.read({ uses })).isFullRead).toBe(false);
  });

  test('everything was last read too long ago', async () => {
    const mirror = mirrorOf({ fullEveryMs: 24 * hour });
    await mirror.read();
    clock.advance(23 * hour);
    await slapd.change(deleteRecord(dn('eve')));
    expect((await mirror.read()).isFullRead).toBe(false);
    clock.advance(hour);
    expect(await mirror.read()).toMatchObject({ isFullRead: true, reasons: [] });
    clock.advance(23 * hour);
    expect((await mirror.read()).isFullRead).toBe(false);
    expect(logins(mirror)).toEqual(['ada', 'bob']);
  });

  test('an account expires although nothing changes', async () => {
    const users = { base: people, honourShadowExpire: true };
    const mirror = mirrorOf({ users });
    await slapd.change(
      modifyRecord(
        dn('eve'),
        ['add', 'objectClass', 'shadowAccount'],
        ['add', 'shadowExpire', String(Math.floor(clock.now() / (24 * hour)) + 1)],
      ),
    );
    await mirror.read();
    expect(logins(mirror)).toEqual(['ada', 'bob', 'eve']);
    const start = clock.now();
    clock.advance(23 * hour + hour / 2);
    expect((await mirror.read({ fullEveryMs: 1000 * hour })).isFullRead).toBe(false);
    expect(await mirror.endedSince(start, clock.now())).toEqual([]);
    clock.advance(hour);
    // The end is a date of the mirror, so it needs no reading that changes something.
    expect(await mirror.read({ fullEveryMs: 1000 * hour })).toMatchObject({ isFullRead: false, number: 1 });
    expect(await mirror.endedSince(start, clock.now())).toEqual(['eve']);
    expect(mirror.lines()).toEqual(await readInFull({ users }));
  });

  describe('changes that no server reports', () => {
    test.each<[string, Partial<MirrorOptions>]>([
      ['in the filter', { users: { base: people, filter: `(memberOf=cn=crew,${groups})` } }],
      [
        'in the filter, by its number',
        { users: { base: people, filter: `(1.2.840.113556.1.2.102=cn=crew,${groups})` } },
      ],
      [
        'in the filter of groups',
        { groups: { base: groups, filter: `(!(memberOf=cn=crew,${groups}))`, nested: 'flatten' } },
      ],
      ['in a mapping', { uses: { users: new Set(['uid', 'memberOf']), groups: new Set(['cn']) } }],
    ])('memberOf %s: everything is read each time', async (_, changes) => {
      const mirror = mirrorOf(changes);
      await mirror.read();
      await slapd.change(modifyRecord(`cn=crew,${groups}`, ['replace', 'member', dn('ada')]));
      expect((await mirror.read()).isFullRead).toBe(true);
      expect(mirror.lines()).toEqual(await readInFull(changes));
      expect(memberships(mirror)).toBe(1);
    });

    test('a user who is in a group before entering the base, and is renamed on the way', async () => {
      const mirror = mirrorOf();
      await slapd.change(person('new', groups) + team('early', dn('new', groups)));
      await mirror.read();
      expect(memberships(mirror)).toBe(2);
      await slapd.change(renameRecord(dn('new', groups), 'uid=newer', people));
      await slapd.change(person('last'));
      expect((await mirror.read()).isFullRead).toBe(false);
      expect(mirror.lines()).toEqual(await readInFull());
      expect(memberships(mirror)).toBe(3);
    });

    test.each<[string, string, string]>([
      ['a person', dn('ada'), 'uid=adele'],
      ['an entry of a class that is usually not a container', `cn=branch,${people}`, 'cn=twig'],
      ['a unit', `ou=unit,${people}`, 'ou=division'],
    ])('%s is renamed, and who stands below it', async (_, holder, rdn) => {
      await slapd.change(
        addRecord(`cn=branch,${people}`, [
          ['objectClass', 'organizationalRole'],
          ['cn', 'branch'],
        ]) +
          addRecord(`ou=unit,${people}`, [
            ['objectClass', 'organizationalUnit'],
            ['ou', 'unit'],
          ]),
      );
      await slapd.change(person('below', holder) + team('deep', dn('below', holder)));
      const uses = { ...options.uses, users: new Set(['uid', 'dn']) };
      const mirror = mirrorOf({ uses });
      await mirror.read();
      await slapd.change(renameRecord(holder, rdn));
      expect(await mirror.read()).toMatchObject({
        isFullRead: true,
        reasons: ['a container was created, renamed or moved'],
      });
      expect(mirror.lines().join('\n')).toContain(`uid=below,${rdn},${people}`);
    });
  });
});
