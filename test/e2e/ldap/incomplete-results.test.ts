import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { ErrorCode } from '../../../src/model/error-codes.ts';
import { Client } from 'ldapts';
import { account, peopleLdif, group, uidOf, person } from '../../world/directory/ldif/people-ldif.ts';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { describeOn } from '../../world/directory/servers/describe-on.ts';
import {
  element,
  elementsOf,
  firstMessageIn,
  isOperation,
  operations,
  readMessage,
  result,
  searchesIn,
  writeMessage,
} from '../../world/directory/ldap-message.ts';
import {
  errorOutput,
  expectNoChanges,
  expectNoSecret,
  expectOneRefusal,
} from '../../world/directory/expect-refusal.ts';
import { groups, people, startSlapd, suffix, type Slapd } from '../../world/directory/servers/slapd.ts';
import { startProxy, type LdapProxy, type ProxyOptions } from '../../world/directory/ldap-proxy.ts';
import { countRequests, expectExitCode, writes } from '../../world/fixture.ts';

jest.setTimeout(120_000);

const pagedOid = '1.2.840.113556.1.4.319';
/** Only a bound account can read users; an anonymous search succeeds without results. */
const boundOnly =
  'access to dn.subtree="ou=people,dc=example,dc=test" by users read by anonymous search\naccess to * by * read';

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`timed out waiting for: ${what}`);
    await sleep(20);
  }
}

const inClear = (proxy: LdapProxy) => ({
  url: `ldap://127.0.0.1:${proxy.port}`,
  tls: undefined,
  allowPlaintextPassword: true,
});
const activeUsers = (at: DirectoryFixture): readonly string[] =>
  Object.entries(at.active())
    .filter(([, active]) => active === true)
    .map(([name]) => name)
    .sort();

/**
 * A server that is read by pages, and a proxy that can behave like Active Directory, a faulty network or an attacker.
 */
interface ProxyFixture {
  readonly slapd: Slapd;
  readonly proxy: LdapProxy;
  readonly at: DirectoryFixture;
  readonly hooks: { request?: ProxyOptions['onRequest']; answer?: ProxyOptions['onResponse'] };
  [Symbol.asyncDispose](): Promise<void>;
}

async function proxyFixture(
  ldif: string,
  source: Readonly<Record<string, unknown>> = {},
  more: { readonly database?: string; readonly global?: string } = {},
): Promise<ProxyFixture> {
  const slapd = await startSlapd({ ldif, overlays: [], ...more });
  const hooks: ProxyFixture['hooks'] = {};
  const proxy = await startProxy(slapd.port, {
    onRequest: (message, number, of) => hooks.request?.(message, number, of) ?? { toServer: [message] },
    onResponse: (message, number, of) => hooks.answer?.(message, number, of) ?? [message],
  });
  const at = await directoryFixture(slapd, {
    ...inClear(proxy),
    users: { base: people },
    pageSize: 10,
    timeoutMs: 2_000,
    ...source,
  });
  return {
    slapd,
    proxy,
    at,
    hooks,
    async [Symbol.asyncDispose]() {
      await at[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      await slapd[Symbol.asyncDispose]();
    },
  };
}

/** The cookie of a page that is asked for; undefined where no pages are. */
function cookieAsked(message: Buffer): Buffer | undefined {
  const { controls } = readMessage(message);
  const all = controls === undefined ? [] : elementsOf(elementsOf(controls)[0]?.content ?? Buffer.alloc(0));
  const paged = all.map(({ content }) => elementsOf(content)).find(([oid]) => oid?.content.toString() === pagedOid);
  const value = paged?.at(-1)?.content;
  return value === undefined ? undefined : elementsOf(elementsOf(value)[0]?.content ?? Buffer.alloc(0))[1]?.content;
}

/** What a server answers whose next page has nothing in it, although it is not the last. */
function emptyPage(id: Buffer, cookie: Buffer): Buffer {
  const value = element(0x30, element(0x02, Buffer.from([0])), element(0x04, cookie));
  const control = element(0x30, element(0x04, Buffer.from(pagedOid)), element(0x04, value));
  return writeMessage(id, result(operations.done, 0), element(0xa0, control));
}

describeOn('slapd', 'danger 1: a page that is empty although its cookie is not', () => {
  // Only Active Directory sends such pages; here they are put between a real server and its client.
  const emptyPages = (atPages: readonly number[]): NonNullable<ProxyOptions['onRequest']> => {
    let pages = 0;
    return (message) => {
      const cookie = isOperation('search', message) ? cookieAsked(message) : undefined;
      if (cookie === undefined) return { toServer: [message] };
      pages += 1;
      // The proxy returns the server's own cookie, so the next request returns the page.
      return atPages.includes(pages) && cookie.length > 0
        ? { toServer: [], toClient: [emptyPage(readMessage(message).id, cookie)] }
        : { toServer: [message] };
    };
  };

  test.each([[[2]], [[3, 4, 5]], [[2, 3, 5, 7, 9]], [[6]]])('empty pages %j of a read lose no user', async (empty) => {
    await using here = await proxyFixture(peopleLdif(45));
    here.hooks.request = emptyPages(empty);
    expectExitCode(await here.at.pass(), 0);
    expect(here.at.app.users.size).toBe(45);
    here.hooks.request = emptyPages(empty);
    const read = await here.at.pass('--full');
    expectExitCode(read, 0);
    expect(read.stderr).toContain('"users":45');
    expect(activeUsers(here.at)).toHaveLength(45);
  });

  test('ldapts alone takes the empty page for the end', async () => {
    await using here = await proxyFixture(peopleLdif(45));
    here.hooks.request = emptyPages([3]);
    const client = new Client({ url: `ldap://127.0.0.1:${here.proxy.port}` });
    await client.bind(here.slapd.admin.dn, here.slapd.admin.password);
    const { searchEntries } = await client.search(people, {
      filter: '(objectClass=inetOrgPerson)',
      paged: { pageSize: 10 },
    });
    await client.unbind();
    expect(searchEntries).toHaveLength(20);
  });
});

describeOn('slapd', 'danger 2: a reconnection without a bind', () => {
  test('idle between two passes of a daemon: each pass binds again', async () => {
    await using slapd = await startSlapd({ ldif: peopleLdif(30), global: 'idletimeout 1', database: boundOnly });
    await using proxy = await startProxy(slapd.tlsPort);
    await using at = await directoryFixture(slapd, { url: `ldaps://127.0.0.1:${proxy.port}`, users: { base: people } });
    at.configure({}, {}, { schedule: '*/2 * * * * *' });
    const daemon = at.cli.start('daemon');
    const passes = (): number => daemon.output().stderr.split('"pass ended"').length - 1;
    await until('three passes with pauses longer than the server waits', () => passes() >= 3);
    await slapd.change(person('new'));
    const before = passes();
    await until('the pass after a joiner', () => at.app.users.size === 31 && passes() >= before + 2);
    daemon.child.kill('SIGTERM');
    const ended = await daemon.exited;
    expectExitCode(ended, 0);
    expect(errorOutput(ended)).toBe('');
    expect(activeUsers(at)).toHaveLength(31);
    expect(writes(at.app.log)).toHaveLength(31);
    // Each pass opens its own connections.
    expect(proxy.connections.length).toBeGreaterThanOrEqual(5);
  });

  test('idle in the middle of a reading by pages: the reading is not complete', async () => {
    await using here = await proxyFixture(peopleLdif(30), {}, { global: 'idletimeout 1', database: boundOnly });
    expectExitCode(await here.at.pass(), 0);
    let searches = 0;
    here.hooks.request = async (message, _number, of) => {
      // Delayed until the server closes the idle connection.
      if (isOperation('search', message) && (searches += 1) === 5) await of.ended;
      return { toServer: [message] };
    };
    here.at.configure({ timeoutMs: 30_000 });
    const connections = here.proxy.connections.length;
    await expectOneRefusal(here.at, {
      code: 'ldap.connectionLost',
      mentions: [`ldap://127.0.0.1:${here.proxy.port}`],
    });
    expect(searches).toBe(5);
    expect(here.proxy.connections).toHaveLength(connections + 1);
    Object.assign(here.hooks, { request: undefined, answer: undefined });
    await expectNoChanges(here.at);
  });

  test('ldapts alone would find no users, and report no error', async () => {
    await using here = await proxyFixture(peopleLdif(30), {}, { global: 'idletimeout 1', database: boundOnly });
    const client = new Client({ url: here.slapd.plainUrl });
    await client.bind(here.slapd.admin.dn, here.slapd.admin.password);
    const search = async (): Promise<number> =>
      (await client.search(people, { filter: '(uid=*)' })).searchEntries.length;
    expect(await search()).toBe(30);
    await until('the server to lose patience', () => !client.isConnected);
    expect(await search()).toBe(0);
    await client.unbind();
  });
});

describeOn('slapd', 'danger 3: StartTLS is lost, and the password sent in clear', () => {
  let slapd: Slapd;
  let at: DirectoryFixture;
  beforeAll(async () => {
    slapd = await startSlapd({ ldif: peopleLdif(30), overlays: [], global: 'idletimeout 1' });
    at = await directoryFixture(slapd, {
      url: slapd.plainUrl,
      startTls: true,
      users: { base: people },
      pageSize: 10,
      connectTimeoutMs: 1_500,
      timeoutMs: 3_000,
    });
    expectExitCode(await at.pass(), 0);
  });
  afterAll(async () => {
    await at[Symbol.asyncDispose]();
    await slapd[Symbol.asyncDispose]();
  });

  /** The only unencrypted message is the StartTLS request; a TLS handshake follows. */
  const expectEncrypted = (proxy: LdapProxy): void => {
    expect(proxy.connections.length).toBeGreaterThan(0);
    for (const { sent } of proxy.connections) {
      expect(sent.includes(slapd.admin.password)).toBe(false);
      expect(sent.includes(slapd.admin.dn)).toBe(false);
      const first = firstMessageIn(sent);
      if (first === undefined) continue;
      const { operation } = readMessage(first);
      expect([operation.tag, elementsOf(operation.content)[0]?.content.toString()]).toEqual([
        operations.extended,
        '1.3.6.1.4.1.1466.20037',
      ]);
      const rest = sent.subarray(first.length);
      if (rest.length > 0) expect(rest[0]).toBe(0x16);
    }
  };

  test('a whole reading, and another after the server has closed it', async () => {
    await using proxy = await startProxy(slapd.port);
    at.configure({ url: `ldap://127.0.0.1:${proxy.port}` });
    expectExitCode(await at.pass(), 0);
    await slapd.signal('SIGTERM');
    expectExitCode(await at.pass(), 1);
    await slapd.start();
    expectExitCode(await at.pass(), 0);
    expectEncrypted(proxy);
    expect(proxy.connections.length).toBeGreaterThanOrEqual(3);
  });

  // The request for TLS, the handshake's parts, the bind, and searches: the connection ends after each of them.
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('the connection ends after chunk %i of ours', async (last) => {
    await using proxy = await startProxy(slapd.port, {
      onChunk: (_bytes, number, of) => {
        if (number >= last) of.cut();
      },
    });
    at.configure({ url: `ldap://127.0.0.1:${proxy.port}` });
    await expectOneRefusal(at, {
      code: ['ldap.connectFailed', 'ldap.connectionLost'],
    });
    expect(proxy.connections).toHaveLength(1);
    expectEncrypted(proxy);
  });

  test.each([
    ['refuses StartTLS', 2],
    ['is busy', 51],
  ])('a server that %s receives no credentials', async (_what, code) => {
    await using proxy = await startProxy(slapd.port, {
      onRequest: (message) => ({
        toServer: [],
        toClient: [writeMessage(readMessage(message).id, result(operations.extendedAnswer, code))],
      }),
    });
    at.configure({ url: `ldap://127.0.0.1:${proxy.port}` });
    await expectOneRefusal(at, {
      code: 'ldap.connectFailed',
      mentions: [`ldap://127.0.0.1:${proxy.port}: `, `result code ${code}`],
    });
    expectEncrypted(proxy);
  });

  test('a man in the middle who accepts StartTLS without a certificate receives no credentials', async () => {
    await using proxy = await startProxy(slapd.port, {
      onRequest: (message) =>
        isOperation('extended', message)
          ? { toServer: [], toClient: [writeMessage(readMessage(message).id, result(operations.extendedAnswer, 0))] }
          : { toServer: [message] },
    });
    at.configure({ url: `ldap://127.0.0.1:${proxy.port}` });
    await expectOneRefusal(at, { code: 'ldap.connectFailed', mentions: [`ldap://127.0.0.1:${proxy.port}: `] });
    expectEncrypted(proxy);
  });

  test('a daemon over StartTLS with a server that closes what is idle', async () => {
    await using proxy = await startProxy(slapd.port);
    at.configure({ url: `ldap://127.0.0.1:${proxy.port}` }, {}, { schedule: '*/2 * * * * *' });
    const daemon = at.cli.start('daemon');
    await until('three passes', () => daemon.output().stderr.split('"pass ended"').length > 3);
    daemon.child.kill('SIGTERM');
    const ended = await daemon.exited;
    expectExitCode(ended, 0);
    expectNoSecret(at, ended, [slapd.admin.password]);
    expectEncrypted(proxy);
    at.configure({});
    await expectNoChanges(at);
  });
});

describeOn('slapd', 'danger 4: options for TLS with ldap:// mean TLS from the first byte', () => {
  test.each([
    ['StartTLS begins in clear', { startTls: true, allowPlaintextPassword: undefined }, operations.extended],
    ['plain LDAP stays plain, although an authority is named', { startTls: false }, operations.bind],
  ])('%s', async (_what, source, first) => {
    await using here = await proxyFixture(peopleLdif(3));
    here.at.configure({ ...source, tls: { caFile: here.slapd.caFile } });
    await using proxy = await startProxy(here.slapd.port);
    here.at.configure({ ...source, url: `ldap://127.0.0.1:${proxy.port}`, tls: { caFile: here.slapd.caFile } });
    expectExitCode(await here.at.pass(), 0);
    const message = firstMessageIn(proxy.connections[0]?.sent ?? Buffer.alloc(0));
    expect(message === undefined ? undefined : readMessage(message).operation.tag).toBe(first);
    expect(here.at.app.users.size).toBe(3);
  });
});

describeOn('slapd', 'danger 5: escapes in filters', () => {
  const guids = [
    '92e3ff80a1b2c3d4e5f60718293a4b5c',
    '00010203040506070809282a295c7f80',
    'c3bcc3bcc3bcc3bcfffefdfc00000000',
  ];
  const schema = `attributetype ( 1.3.6.1.4.1.99999.1.1 NAME 'deviceGUID'
  EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.99999.2.1 NAME 'hasGUID' SUP top AUXILIARY MAY ( deviceGUID ) )`;
  const entries = guids.map((hex, index) =>
    person(`g${index}`, `deviceGUID:: ${Buffer.from(hex, 'hex').toString('base64')}\n`).replace(
      'objectClass:',
      'objectClass: hasGUID\nobjectClass:',
    ),
  );
  const described = [
    ['m1', 'Müller (Köln) *'],
    ['m2', 'Mueller'],
    ['m3', 'Müller\\Sohn'],
    ['m4', 'Zoë 😀'],
  ] as const;
  const ldif = [
    ...entries,
    ...described.map(([uid, text]) => person(uid, `description:: ${Buffer.from(text).toString('base64')}\n`)),
  ].join('\n');
  const escaped = (hex: string): string => hex.replace(/../g, (pair) => `\\${pair}`);

  let slapd: Slapd;
  let at: DirectoryFixture;
  beforeAll(async () => {
    slapd = await startSlapd({ ldif, overlays: [], global: schema });
    at = await directoryFixture(slapd, { users: { base: people } });
  });
  afterAll(async () => {
    await at[Symbol.asyncDispose]();
    await slapd[Symbol.asyncDispose]();
  });

  test.each<[string, readonly string[]]>([
    ...guids.map((hex, index) => [`(deviceGUID=${escaped(hex)})`, [`g${index}`]] as [string, string[]]),
    [`(|(deviceGUID=${escaped(guids[0] ?? '')})(deviceGUID=${escaped(guids[2] ?? '').toUpperCase()}))`, ['g0', 'g2']],
    ['(description=M\\c3\\bcller*)', ['m1', 'm3']],
    ['(description=Müller*)', ['m1', 'm3']],
    ['(description=M\\C3\\BCller \\28K\\c3\\b6ln\\29 \\2a)', ['m1']],
    ['(description=*\\5cSohn)', ['m3']],
    ['(description=*\\f0\\9f\\98\\80)', ['m4']],
    ['(&(uid=m*)(!(description=M\\c3\\bcller*)))', ['m2', 'm4']],
  ])('%s', async (filter, uids) => {
    at.configure({ users: { base: people, filter } });
    const run = await at.cli.run('plan', '--json');
    expectExitCode(run, 0);
    const found = run.lines
      .filter(({ type }) => type === 'operation')
      .map(({ name }) => String(name))
      .sort();
    expect(found).toEqual([...uids].sort());
  });
});

describeOn('slapd', 'danger 6: not there, and emptied', () => {
  test('what was never there is not removed; what is emptied is; what is not asked for in a change stays', async () => {
    await using slapd = await startSlapd({
      ldif: [person('ada', 'title: Countess\ntelephoneNumber: 1\n'), person('bob'), person('eve', 'title: Spy\n')].join(
        '\n',
      ),
    });
    await using at = await directoryFixture(slapd, { users: { base: people } });
    expectExitCode(await at.pass(), 0);
    const shown = (): Readonly<Record<string, unknown>> =>
      Object.fromEntries([...at.app.users.values()].map(({ data }) => [String(data['userName']), data['title']]));
    expect(shown()).toEqual({ ada: 'Countess', bob: undefined, eve: 'Spy' });
    at.app.log.splice(0);
    // Incremental: for ada a change besides the title, for eve the title, for bob an attribute without mapping.
    await slapd.change(`dn: uid=ada,${people}\nchangetype: modify\nreplace: telephoneNumber\ntelephoneNumber: 2\n
dn: uid=eve,${people}\nchangetype: modify\ndelete: title\n
dn: uid=bob,${people}\nchangetype: modify\nadd: description\ndescription: not mapped\n`);
    expectExitCode(await at.pass(), 0);
    expect(shown()).toEqual({ ada: 'Countess', bob: undefined, eve: undefined });
    expect(writes(at.app.log)).toHaveLength(2);
    expect(countRequests(at.app.log, 'PATCH', /^\/Users\//)).toBe(2);
    await expectNoChanges(at);
  });

  test('an attribute that an account may not see any more is not emptied everywhere', async () => {
    const ldif = [
      ...Array.from({ length: 12 }, (_, index) => person(uidOf(index), 'title: Clerk\n')),
      account('half', 'half-secret'),
    ].join('\n');
    const access = `access to attrs=title by dn.exact="cn=half,${suffix}" none by users read
access to * by users read by anonymous auth`;
    await using slapd = await startSlapd({ ldif, database: access });
    await using at = await directoryFixture(slapd, { users: { base: people } });
    expectExitCode(await at.pass(), 0);
    at.configure({ bind: { dn: `cn=half,${suffix}`, password: 'half-secret' } });
    await expectOneRefusal(at, { code: 'source.blanked', mentions: ['title'] });
    at.configure({});
    await expectNoChanges(at);
  });
});

describeOn('slapd', 'danger 7: a message that cannot be read', () => {
  const garbage = Buffer.from('this is no LDAP');
  const unknownAnswer = (id: Buffer): Buffer => writeMessage(id, result(0x78, 0));
  const brokenEntry = (id: Buffer): Buffer =>
    writeMessage(id, element(operations.entry, Buffer.from([0x04, 0x7f, 0x41])));
  const brokenControl = (message: Buffer): Buffer => {
    const { id, operation } = readMessage(message);
    return writeMessage(
      id,
      operation.whole,
      element(0xa0, element(0x30, element(0x04, Buffer.from(pagedOid)), element(0x04, Buffer.from([0x30, 0x7f])))),
    );
  };

  test.each<[string, (message: Buffer) => readonly Buffer[], ErrorCode]>([
    ['bytes that are not LDAP', (message) => [garbage, message], 'ldap.connectionLost'],
    [
      'a response of another operation',
      (message) => [unknownAnswer(readMessage(message).id), message],
      'ldap.connectionLost',
    ],
    ['a malformed entry', (message) => [brokenEntry(readMessage(message).id), message], 'ldap.malformedMessage'],
    [
      'a malformed control on a page that would be the last one without it',
      (message) => (isOperation('done', message) ? [brokenControl(message)] : [message]),
      'ldap.malformedMessage',
    ],
    [
      'half an entry, and the connection ends',
      (message) => [message.subarray(0, message.length - 5)],
      'ldap.connectionLost',
    ],
  ])('%s: the read is incomplete', async (_what, spoil, code) => {
    await using here = await proxyFixture(peopleLdif(45));
    expectExitCode(await here.at.pass(), 0);
    // In the middle of the third page.
    here.hooks.answer = (message, number) => (number >= 30 && number <= 45 ? spoil(message) : [message]);
    await expectOneRefusal(here.at, { code });
    Object.assign(here.hooks, { request: undefined, answer: undefined });
    await expectNoChanges(here.at);
  });

  test.each([1, 7, 1_000])('messages in pieces of %i bytes are whole messages all the same', async (size) => {
    await using here = await proxyFixture(
      [
        peopleLdif(25),
        group(
          'crew',
          Array.from({ length: 25 }, (_, index) => uidOf(index + 1)),
        ),
      ].join('\n'),
      { groups: { base: groups } },
    );
    here.hooks.answer = (message) =>
      Array.from({ length: Math.ceil(message.length / size) }, (_, index) =>
        message.subarray(index * size, (index + 1) * size),
      );
    expectExitCode(await here.at.pass(), 0);
    expect(here.at.app.users.size).toBe(25);
    expect(here.at.members()['crew']).toHaveLength(25);
  });

  test('the reason of a notice of disconnection is reported', async () => {
    await using here = await proxyFixture(peopleLdif(45));
    expectExitCode(await here.at.pass(), 0);
    const notice = writeMessage(
      element(0x02, Buffer.from([0])),
      element(
        0x78,
        element(0x0a, Buffer.from([52])),
        element(0x04),
        element(0x04, Buffer.from('maintenance')),
        element(0x8a, Buffer.from('1.3.6.1.4.1.1466.20036')),
      ),
    );
    here.hooks.answer = (message, number) => (number === 30 ? [notice] : [message]);
    await expectOneRefusal(here.at, {
      code: 'ldap.connectionLost',
      mentions: [`ldap://127.0.0.1:${here.proxy.port}`, 'maintenance'],
    });
  });
});

describeOn('slapd', 'danger 8: searches without a response, and limits of the client', () => {
  test.each([1, 2, 3, 6])('a server that does not respond to search %i', async (silent) => {
    await using here = await proxyFixture(peopleLdif(45));
    expectExitCode(await here.at.pass(), 0);
    let searches = 0;
    here.hooks.request = (message) =>
      isOperation('search', message) && (searches += 1) >= silent ? { toServer: [] } : { toServer: [message] };
    await expectOneRefusal(here.at, {
      code: 'ldap.connectionLost',
      mentions: [`ldap://127.0.0.1:${here.proxy.port}`, '2000 ms'],
    });
    expect(searches).toBe(silent);
    Object.assign(here.hooks, { request: undefined, answer: undefined });
    await expectNoChanges(here.at);
  });

  test('the limit counts from the last entry, not from the search', async () => {
    await using here = await proxyFixture(peopleLdif(30), { timeoutMs: 700 });
    // Thirty pauses of 100 ms: a read takes more than four times as long as the server may be silent.
    let pauses = 0;
    here.hooks.answer = async (message) => {
      if (isOperation('entry', message)) await sleep(100).then(() => (pauses += 1));
      return [message];
    };
    expectExitCode(await here.at.pass(), 0);
    expect(pauses).toBeGreaterThanOrEqual(30);
    expect(here.at.app.users.size).toBe(30);
  });

  test('SIGTERM ends a pass that waits for a server', async () => {
    await using here = await proxyFixture(peopleLdif(5), { timeoutMs: 60_000 });
    let isAsked = false;
    here.hooks.request = (message) => {
      if (!isOperation('search', message)) return { toServer: [message] };
      isAsked = true;
      return { toServer: [] };
    };
    const running = here.at.cli.start('sync', '--json');
    await until('a search', () => isAsked);
    running.child.kill('SIGTERM');
    const stopped = await running.exited;
    expectExitCode(stopped, 1);
    expect(stopped.stderr).toContain('stopped by a signal before it was done');
    expect(here.at.app.log).toEqual([]);
  });

  test('no search has a size or a time limit of ours, in whatever way it is asked', async () => {
    await using slapd = await startSlapd({ ldif: [peopleLdif(5), group('crew', [uidOf(1)])].join('\n') });
    await using proxy = await startProxy(slapd.port);
    await using at = await directoryFixture(slapd, {
      ...inClear(proxy),
      users: { base: people },
      groups: { base: groups, filter: '(cn=crew)' },
    });
    expectExitCode(await at.pass(), 0);
    await slapd.change(`dn: uid=${uidOf(2)},${people}\nchangetype: modify\nreplace: sn\nsn: Other\n`);
    expectExitCode(await at.pass(), 0);
    const searches = proxy.connections.flatMap(({ sent }) => searchesIn(sent));
    expect(searches.length).toBeGreaterThan(8);
    expect(searches.filter(({ sizeLimit, timeLimit }) => sizeLimit !== 0 || timeLimit !== 0)).toEqual([]);
  });
});
