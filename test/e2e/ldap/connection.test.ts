import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { account, peopleLdif, uidOf, person } from '../../world/directory/ldif/people-ldif.ts';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { describeOn } from '../../world/directory/servers/describe-on.ts';
import { isOperation } from '../../world/directory/ldap-message.ts';
import {
  errorOutput,
  expectNoChanges,
  expectNoSecret,
  expectOneRefusal,
  expectRefusal,
} from '../../world/directory/expect-refusal.ts';
import { freePort, run } from '../../world/directory/servers/server.ts';
import { people, startSlapd, suffix, type Slapd } from '../../world/directory/servers/slapd.ts';
import { startProxy, type LdapProxy, type ProxyOptions } from '../../world/directory/ldap-proxy.ts';
import { expectExitCode } from '../../world/fixture.ts';

jest.setTimeout(120_000);

type Source = Readonly<Record<string, unknown>>;

const wrongPassword = 'wr0ng-passw0rd';
const dn = `cn=admin,${suffix}`;
const end = 'Nothing was planned, everything stays as it is.';
const incomplete = 'The reading is not complete: nothing was planned, everything stays as it is.';

describeOn('slapd', 'a connection', () => {
  let slapd: Slapd;
  let expired: Slapd;
  let misnamed: Slapd;
  /** It wants a client certificate. */
  let demanding: Slapd;
  let at: DirectoryFixture;
  let mute: Server;
  const held = new Set<Socket>();
  let closedPort: number;

  beforeAll(async () => {
    const ldif = `${peopleLdif(5)}\n${account('outsider', 'outsider-secret')}`;
    const access = `access to dn.subtree="${people}" by dn.exact="cn=outsider,${suffix}" none by users read by anonymous auth\naccess to * by users read by anonymous auth`;
    [slapd, expired, misnamed, demanding] = await Promise.all([
      startSlapd({ ldif, database: access }),
      startSlapd({ ldif, certificate: 'expired' }),
      startSlapd({ ldif, certificate: 'misnamed' }),
      startSlapd({ ldif, global: 'TLSVerifyClient demand' }),
    ]);
    at = await directoryFixture(slapd, { users: { base: people }, connectTimeoutMs: 2_000 });
    writeFileSync(at.cli.path('wrong'), wrongPassword);
    writeFileSync(at.cli.path('outsider'), 'outsider-secret');
    writeFileSync(at.cli.path('blank'), '\n');
    writeFileSync(at.cli.path('no.pem'), 'no certificate');
    // A key of our own, and a certificate for it that nobody at the server knows the issuer of.
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '30',
      '-subj',
      '/CN=stranger',
      '-keyout',
      at.cli.path('stranger.key'),
      '-out',
      at.cli.path('stranger.pem'),
    ]);
    mute = createServer((socket) => held.add(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    closedPort = await freePort();
    expectExitCode(await at.pass(), 0);
    expect(Object.keys(at.active())).toHaveLength(5);
  });
  afterAll(async () => {
    for (const socket of held) socket.destroy();
    mute.close();
    await at[Symbol.asyncDispose]();
    for (const server of [slapd, expired, misnamed, demanding]) await server[Symbol.asyncDispose]();
  });

  const mutePort = (): number => (mute.address() as AddressInfo).port;
  const external = { method: 'external' };
  const wrong = { dn, password: { file: './wrong' } };
  const ca = (): Source => ({ caFile: slapd.caFile });

  describe('that stands', () => {
    test.each<[string, () => Source]>([
      ['ldaps:// with an authority of its own', () => ({})],
      [
        'ldaps:// with a server name besides the URL',
        () => ({ url: misnamed.url, tls: { caFile: misnamed.caFile, serverName: 'elsewhere.example.test' } }),
      ],
      ['StartTLS', () => ({ url: slapd.plainUrl, startTls: true })],
      [
        'StartTLS with a server name besides the URL',
        () => ({
          url: misnamed.plainUrl,
          startTls: true,
          tls: { caFile: misnamed.caFile, serverName: 'elsewhere.example.test' },
        }),
      ],
      ['by name', () => ({ url: `ldaps://localhost:${slapd.tlsPort}` })],
      ['StartTLS by name', () => ({ url: `ldap://localhost:${slapd.port}`, startTls: true })],
      [
        'a client certificate over ldaps://',
        () => ({ bind: external, tls: { ...ca(), ...slapd.certificates.client } }),
      ],
      [
        'a client certificate over StartTLS',
        () => ({ url: slapd.plainUrl, startTls: true, bind: external, tls: { ...ca(), ...slapd.certificates.client } }),
      ],
      [
        'a client certificate that the server demands, and a password besides',
        () => ({ url: demanding.url, tls: { caFile: demanding.caFile, ...demanding.certificates.client } }),
      ],
      ['anonymous, where that is allowed', () => ({ url: expired.plainUrl, bind: undefined, tls: undefined })],
      [
        'a password in clear, where the configuration says so in words',
        () => ({ url: slapd.plainUrl, tls: undefined, allowPlaintextPassword: true }),
      ],
      ['the second of two, where the first is dead', () => ({ url: [`ldaps://127.0.0.1:${closedPort}`, slapd.url] })],
      [
        'the third of three, where one has another certificate and one is frozen',
        () => ({ url: [misnamed.url, `ldaps://127.0.0.1:${mutePort()}`, slapd.url] }),
      ],
    ])('%s', async (_what, source) => {
      at.configure(source());
      const read = await at.cli.run('plan', '--json');
      expectExitCode(read, 0);
      expect(errorOutput(read)).toBe('');
      expect(read.stderr).toContain('"users":5');
      expectNoSecret(at, read, [slapd.admin.password]);
    });
  });

  describe('that cannot be made is one sentence', () => {
    const cannot = (url: string, why: string): string =>
      `scimsync: The directory cannot be read. ${url}: ${why} ${end}`;
    const unknownIssuer = 'who signed its certificate is not known here; name them in source.tls.caFile.';
    const hasExpired = 'its certificate has expired; the server needs a new one.';
    const elsewhere =
      'its certificate is for elsewhere.example.test, which is not what the URL calls it; use the name of the certificate in source.url, or put it into source.tls.serverName.';
    const noTls =
      'it ended the connection instead of taking up TLS. It does not speak TLS there: is the port right? Where it speaks LDAP that is encrypted afterwards, write ldap:// and "startTls": true.';
    const tlsFirst =
      'it ended the connection before it answered; where the port is one for TLS from the start, write ldaps:// (without "startTls").';
    const late =
      'it did not answer in time (no connection within 2000 ms; source.connectTimeoutMs); is it running, and is no firewall between?';
    const nobodyListens = 'nobody listens there; is the directory running, and is the port right?';
    const badCredentials = `it refuses the bind of "${dn}": the DN or the password is wrong; look at source.bind (invalidCredentials).`;

    test.each<[string, () => [Source, string, string]]>([
      ['a wrong password', () => [{ bind: wrong }, slapd.url, badCredentials]],
      [
        'a wrong password over StartTLS',
        () => [{ url: slapd.plainUrl, startTls: true, bind: wrong }, slapd.plainUrl, badCredentials],
      ],
      [
        'nobody of that name',
        () => [
          { bind: { ...wrong, dn: `cn=nobody,${suffix}` } },
          slapd.url,
          badCredentials.replace(dn, `cn=nobody,${suffix}`),
        ],
      ],
      [
        'what is no DN',
        () => [
          { bind: { ...wrong, dn: 'nobody' } },
          slapd.url,
          'it refuses the bind of "nobody": that is no name that it understands (invalidDNSyntax); look at source.bind.dn.',
        ],
      ],
      [
        'an authority that signed nothing',
        () => [{ tls: { caFile: slapd.certificates.otherCaFile } }, slapd.url, unknownIssuer],
      ],
      ['an authority that the system does not know', () => [{ tls: {} }, slapd.url, unknownIssuer]],
      [
        'the same over StartTLS',
        () => [
          { url: slapd.plainUrl, startTls: true, tls: { caFile: slapd.certificates.otherCaFile } },
          slapd.plainUrl,
          unknownIssuer,
        ],
      ],
      [
        'a certificate that expired',
        () => [{ url: expired.url, tls: { caFile: expired.caFile } }, expired.url, hasExpired],
      ],
      [
        'the same over StartTLS',
        () => [
          { url: expired.plainUrl, startTls: true, tls: { caFile: expired.caFile } },
          expired.plainUrl,
          hasExpired,
        ],
      ],
      [
        'a certificate for another name',
        () => [{ url: misnamed.url, tls: { caFile: misnamed.caFile } }, misnamed.url, elsewhere],
      ],
      [
        'the same over StartTLS',
        () => [
          { url: misnamed.plainUrl, startTls: true, tls: { caFile: misnamed.caFile } },
          misnamed.plainUrl,
          elsewhere,
        ],
      ],
      [
        'another server name than the certificate has',
        () => [
          { tls: { ...ca(), serverName: 'other.example.test' } },
          slapd.url,
          elsewhere.replace('elsewhere.example.test', '127.0.0.1, localhost, ldap.example.test'),
        ],
      ],
      [
        'no such host',
        () => [
          { url: 'ldaps://ldap.nowhere.invalid' },
          'ldaps://ldap.nowhere.invalid',
          'there is no host of that name; look at source.url.',
        ],
      ],
      [
        'a closed port',
        () => [{ url: `ldaps://127.0.0.1:${closedPort}` }, `ldaps://127.0.0.1:${closedPort}`, nobodyListens],
      ],
      [
        'ldaps:// to a port for plain LDAP',
        () => [{ url: `ldaps://127.0.0.1:${slapd.port}` }, `ldaps://127.0.0.1:${slapd.port}`, noTls],
      ],
      [
        'ldaps:// to something else altogether',
        () => [
          { url: `ldaps://127.0.0.1:${at.app.port}` },
          `ldaps://127.0.0.1:${at.app.port}`,
          'It does not speak TLS there: is the port right? Where it speaks LDAP that is encrypted afterwards, write ldap:// and "startTls": true (ERR_SSL_WRONG_VERSION_NUMBER).',
        ],
      ],
      [
        'ldap:// to a port for TLS',
        () => [
          { url: `ldap://127.0.0.1:${slapd.tlsPort}`, tls: undefined, allowPlaintextPassword: true },
          `ldap://127.0.0.1:${slapd.tlsPort}`,
          tlsFirst,
        ],
      ],
      [
        'StartTLS to a port for TLS',
        () => [
          { url: `ldap://127.0.0.1:${slapd.tlsPort}`, startTls: true },
          `ldap://127.0.0.1:${slapd.tlsPort}`,
          tlsFirst,
        ],
      ],
      [
        'a port that accepts and never answers',
        () => [{ url: `ldaps://127.0.0.1:${mutePort()}` }, `ldaps://127.0.0.1:${mutePort()}`, late],
      ],
      [
        'the same over StartTLS',
        () => [{ url: `ldap://127.0.0.1:${mutePort()}`, startTls: true }, `ldap://127.0.0.1:${mutePort()}`, late],
      ],
      [
        'a client certificate that the server knows no issuer of',
        () => [
          { bind: external, tls: { ...ca(), certFile: './stranger.pem', keyFile: './stranger.key' } },
          slapd.url,
          'it ended the connection as soon as TLS was set up; it may not accept our client certificate (source.tls.certFile), and its log says why.',
        ],
      ],
      [
        'no certificate where one is demanded',
        () => [
          { url: demanding.url, tls: { caFile: demanding.caFile } },
          demanding.url,
          'it ended the connection as soon as TLS was set up; it may want a client certificate (source.tls.certFile and source.tls.keyFile), and its log says why.',
        ],
      ],
      [
        'a certificate that the server does not accept',
        () => [
          {
            url: demanding.url,
            bind: external,
            tls: { caFile: demanding.caFile, certFile: './stranger.pem', keyFile: './stranger.key' },
          },
          demanding.url,
          'it ended the connection as soon as TLS was set up; it may not accept our client certificate (source.tls.certFile), and its log says why.',
        ],
      ],
      [
        "another certificate's key",
        () => [
          { bind: external, tls: { ...ca(), certFile: slapd.certificates.client.certFile, keyFile: './stranger.key' } },
          slapd.url,
          'source.tls.keyFile is not the key of source.tls.certFile.',
        ],
      ],
    ])('%s', async (_what, failing) => {
      const [source, url, why] = failing();
      at.configure(source);
      await expectRefusal(at, cannot(url, why), { secrets: [slapd.admin.password, wrongPassword] });
    });

    test('all of several: each with its own reason, in order', async () => {
      at.configure({ url: [`ldaps://127.0.0.1:${closedPort}`, misnamed.url] });
      await expectRefusal(
        at,
        `scimsync: The directory cannot be read. ldaps://127.0.0.1:${closedPort}: ${nobodyListens} ${misnamed.url}: ${elsewhere} ${end}`,
      );
    });

    test('credentials that the first server refuses: the account is not tried at the others', async () => {
      await using proxy = await startProxy(slapd.tlsPort);
      at.configure({ url: [slapd.url, `ldaps://127.0.0.1:${proxy.port}`], bind: wrong });
      await expectRefusal(
        at,
        `scimsync: The directory cannot be read. ${slapd.url}: ${badCredentials} ` +
          `The other servers were not tried: it would be no different there, and each refusal counts against the account. ${end}`,
        { secrets: [wrongPassword] },
      );
      expect(proxy.connections).toEqual([]);
    });
  });

  describe('that the configuration gets wrong is told before anything is tried (exit code 4)', () => {
    const clear =
      'is not encrypted, and the password would be sent in clear; write ldaps://, or add "startTls": true. If it must be so, "allowPlaintextPassword": true in source says that you know';
    const mistake = (line: string): string => `scimsync: the configuration has 1 mistake:\n  ${line}`;

    test.each<[string, () => [Source, string]]>([
      ['a password in clear', () => [{ url: slapd.plainUrl, tls: undefined }, mistake(`source.url: ${clear}`)]],
      [
        'a password in clear to localhost',
        () => [{ url: `ldap://localhost:${slapd.port}`, tls: undefined }, mistake(`source.url: ${clear}`)],
      ],
      [
        'a password in clear to the second server',
        () => [{ url: [slapd.url, slapd.plainUrl] }, mistake(`source.url[1]: ${clear}`)],
      ],
      ['an empty password', () => [{ bind: { dn, password: '' } }, mistake('source.bind.password: must not be empty')]],
      [
        'a password file that is not there',
        () => [
          { bind: { dn, password: { file: './none' } } },
          mistake(`source.bind.password: the file ${at.cli.path('none')} cannot be read (ENOENT)`),
        ],
      ],
      [
        'a password file with nothing in it',
        () => [
          { bind: { dn, password: { file: './blank' } } },
          mistake(`source.bind.password: the file ${at.cli.path('blank')} is empty`),
        ],
      ],
      [
        'a filter that is none',
        () => [
          { users: { base: people, filter: '(uid=' } },
          mistake('source.users.filter: a closing parenthesis is missing, at column 6'),
        ],
      ],
      [
        'an authority that is none',
        () => [
          { tls: { caFile: './no.pem' } },
          `scimsync: the file ${at.cli.path('no.pem')} holds no certificate or key in PEM form ("-----BEGIN …")`,
        ],
      ],
    ])('%s', async (_what, failing) => {
      await using proxy = await startProxy(slapd.port);
      const [source, sentence] = failing();
      const reroute = (url: unknown): unknown =>
        typeof url === 'string' ? url.replace(`:${slapd.port}`, `:${proxy.port}`) : url;
      at.configure({
        ...source,
        ...('url' in source
          ? { url: Array.isArray(source['url']) ? source['url'].map(reroute) : reroute(source['url']) }
          : {}),
      });
      await expectRefusal(at, sentence, { code: 4 });
      expect(proxy.connections).toEqual([]);
    });
  });

  describe('to a directory that does not show what is wanted', () => {
    const refused = (why: string): string => `scimsync: ${slapd.url}: ${why} ${incomplete}`;
    const unseen = (base: string, nearest = ''): string =>
      refused(
        `there is no entry "${base}", or this account may not see it (noSuchObject)${nearest}. Look at "base" and at the account's rights.`,
      );

    test.each<[string, () => [Source, string]]>([
      [
        'no such base',
        () => [
          { users: { base: `ou=nobody,${suffix}` } },
          unseen(`ou=nobody,${suffix}`, `; what is there is "${suffix}"`),
        ],
      ],
      ["another directory's base", () => [{ users: { base: 'dc=elsewhere' } }, unseen('dc=elsewhere')]],
      [
        'a base of groups that is not there',
        () => [
          { groups: { base: `ou=teams,${suffix}` } },
          unseen(`ou=teams,${suffix}`, `; what is there is "${suffix}"`),
        ],
      ],
      [
        'a base that is no DN',
        () => [
          { users: { base: 'ou=people,,dc=test' } },
          refused(
            '"ou=people,,dc=test" is no name that the server understands (invalidDNSyntax). Look at "base"; it says: invalid DN.',
          ),
        ],
      ],
      [
        'a base that this account may not see',
        () => [{ bind: { dn: `cn=outsider,${suffix}`, password: { file: './outsider' } } }, unseen(people)],
      ],
      [
        'a base that anybody may not see',
        () => [
          { bind: undefined },
          refused(
            `the account that reads may not read the entries below "${people}" (insufficientAccessRights); give it the right to, or look at source.bind.`,
          ),
        ],
      ],
    ])('%s', async (_what, failing) => {
      const [source, sentence] = failing();
      at.configure(source);
      await expectRefusal(at, sentence, { secrets: ['outsider-secret', slapd.admin.password] });
    });
  });

  test('after all of that nothing is to be done', async () => {
    at.configure({});
    await expectNoChanges(at);
    expect(readFileSync(at.cli.path('scimsync.db')).includes(slapd.admin.password)).toBe(false);
  });
});

describeOn('slapd', 'a server that fails in the middle of a reading', () => {
  let slapd: Slapd;
  let at: DirectoryFixture;
  let proxy: LdapProxy;
  let hook: ProxyOptions['onRequest'];

  beforeAll(async () => {
    // Without content synchronisation it is read by pages.
    slapd = await startSlapd({ ldif: peopleLdif(300), overlays: [] });
    proxy = await startProxy(slapd.port, {
      onRequest: (message, number, of) => hook?.(message, number, of) ?? { toServer: [message] },
    });
    at = await directoryFixture(slapd, {
      url: `ldap://127.0.0.1:${proxy.port}`,
      tls: undefined,
      allowPlaintextPassword: true,
      users: { base: people },
      pageSize: 10,
      timeoutMs: 1_500,
      connectTimeoutMs: 1_500,
    });
    expectExitCode(await at.pass(), 0);
    expect(Object.keys(at.active())).toHaveLength(300);
  });
  afterAll(async () => {
    await at[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await slapd[Symbol.asyncDispose]();
  });

  /** Before so many searches of the next connection have been answered, something happens. The first two ask about the server itself. */
  const beforeSearch = (count: number, happens: () => Promise<void>): void => {
    let searches = 0;
    hook = async (message) => {
      if (isOperation('search', message) && (searches += 1) === count) {
        hook = undefined;
        await happens();
      }
      return { toServer: [message] };
    };
  };
  const url = (): string => `ldap://127.0.0.1:${proxy.port}`;

  test.each([3, 4, 15, 32])('killed before its search %i is answered', async (count) => {
    beforeSearch(count, () => slapd.signal('SIGKILL'));
    await expectOneRefusal(at, `scimsync: ${url()} closed the connection. ${incomplete}`);
    await slapd.start();
    await expectNoChanges(at);
  });

  test('frozen', async () => {
    beforeSearch(12, () => slapd.signal('SIGSTOP'));
    try {
      await expectOneRefusal(at, `scimsync: ${url()} has not answered for 1500 ms. ${incomplete}`);
    } finally {
      await slapd.signal('SIGCONT');
    }
    await expectNoChanges(at);
  });

  test('frozen before anybody connects', async () => {
    await slapd.signal('SIGSTOP');
    try {
      await expectOneRefusal(
        at,
        `scimsync: The directory cannot be read. ${url()}: it did not answer in time (no connection within 1500 ms; source.connectTimeoutMs); is it running, and is no firewall between? ${end}`,
      );
    } finally {
      await slapd.signal('SIGCONT');
    }
    await expectNoChanges(at);
  });

  test('stopped as an administrator stops it', async () => {
    beforeSearch(20, () => slapd.signal('SIGTERM'));
    await expectOneRefusal(
      at,
      /^scimsync: ldap:\/\/127\.0\.0\.1:\d+ (?:closed the connection|is ending the connection.*|: the server is shutting down.*)\. The reading is not complete: nothing was planned, everything stays as it is\.$/,
    );
    await slapd.start();
    await expectNoChanges(at);
  });

  test('restarted between two passes, with a leaver meanwhile', async () => {
    await slapd.signal('SIGTERM');
    await expectRefusal(
      at,
      `scimsync: The directory cannot be read. ${url()}: it ended the connection before it answered; where the port is one for TLS from the start, write ldaps:// (without "startTls"). ${end}`,
    );
    await slapd.start();
    await slapd.change(`dn: uid=${uidOf(7)},${people}\nchangetype: delete\n\n${person('new')}`);
    expectExitCode(await at.pass(), 0);
    expect(at.active()).toMatchObject({ [uidOf(7)]: false, new: true });
    expect(Object.values(at.active()).filter((active) => active === true)).toHaveLength(300);
  });

  test('killed in the middle of a reading over ldaps://', async () => {
    let bytes = 0;
    await using encrypted = await startProxy(slapd.tlsPort, {
      onChunk: (chunk, _number, of) => {
        // By then some of the thirty pages have been asked for, and not all.
        if ((bytes += chunk.length) > 5_000) of.cut();
      },
    });
    at.configure({
      url: `ldaps://127.0.0.1:${encrypted.port}`,
      tls: { caFile: slapd.caFile },
      allowPlaintextPassword: undefined,
    });
    await expectOneRefusal(
      at,
      /^scimsync: (?:ldaps:\/\/127\.0\.0\.1:\d+ closed the connection|the connection to ldaps:\/\/127\.0\.0\.1:\d+ broke: .*)\. The reading is not complete: nothing was planned, everything stays as it is\.$/,
    );
    expect(bytes).toBeGreaterThan(5_000);
    at.configure({});
    await expectNoChanges(at);
  });
});
