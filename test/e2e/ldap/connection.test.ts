import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ErrorCode } from '../../../src/model/error-codes.ts';
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
  expectRefusalOfOtherSource,
  type Refusal,
} from '../../world/directory/expect-refusal.ts';
import { freePort, run } from '../../world/directory/servers/server.ts';
import { people, startSlapd, suffix, type Slapd } from '../../world/directory/servers/slapd.ts';
import { startProxy, type LdapProxy, type ProxyOptions } from '../../world/directory/ldap-proxy.ts';
import { expectExitCode } from '../../world/fixture.ts';

jest.setTimeout(120_000);

type Source = Readonly<Record<string, unknown>>;

const wrongPassword = 'wr0ng-passw0rd';
const dn = `cn=admin,${suffix}`;

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
    const access = `access to dn.subtree="${people}"
  by dn.exact="cn=outsider,${suffix}" none by users read by anonymous auth
access to * by users read by anonymous auth`;
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
    // A client certificate of an issuer that the server does not trust.
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
      '/CN=untrusted',
      '-keyout',
      at.cli.path('untrusted.key'),
      '-out',
      at.cli.path('untrusted.pem'),
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
        'a password in clear, where the configuration allows it',
        () => ({ url: slapd.plainUrl, tls: undefined, allowPlaintextPassword: true }),
      ],
      ['the second of two, where the first is dead', () => ({ url: [`ldaps://127.0.0.1:${closedPort}`, slapd.url] })],
      [
        'the third of three, where one has another certificate and one is frozen',
        () => ({ url: [misnamed.url, `ldaps://127.0.0.1:${mutePort()}`, slapd.url] }),
      ],
    ])('%s', async (_what, source) => {
      // These servers are different directories with other keys, so each plan starts without a state. It keeps none.
      at.configure(source(), {}, { state: './none.db' });
      const read = await at.cli.run('plan', '--json');
      expectExitCode(read, 0);
      expect(errorOutput(read)).toBe('');
      expect(read.stderr).toContain('"users":5');
      expectNoSecret(at, read, [slapd.admin.password]);
    });
  });

  describe('that fails is reported with its reason', () => {
    const cannot = (url: string, text: string, isFinal = false): Refusal => ({
      code: isFinal ? 'ldap.credentialsRefused' : 'ldap.connectFailed',
      mentions: [`${url}: `, text],
    });
    const unknownIssuer = 'source.tls.caFile';
    const hasExpired = 'expired';
    const otherName = 'elsewhere.example.test';
    const noTls = '"startTls": true';
    const tlsFirst = '(without "startTls")';
    const late = 'no connection within 2000 ms';
    const refusedConnection = 'connection refused';
    const badCredentials = `"${dn}"`;

    test.each<[string, () => [Source, string, string, boolean?]]>([
      ['a wrong password', () => [{ bind: wrong }, slapd.url, badCredentials, true]],
      [
        'a wrong password over StartTLS',
        () => [{ url: slapd.plainUrl, startTls: true, bind: wrong }, slapd.plainUrl, badCredentials, true],
      ],
      [
        'an account that does not exist',
        () => [{ bind: { ...wrong, dn: `cn=unknown,${suffix}` } }, slapd.url, `"cn=unknown,${suffix}"`, true],
      ],
      ['an invalid DN', () => [{ bind: { ...wrong, dn: 'unknown' } }, slapd.url, 'invalidDNSyntax', true]],
      [
        'another certificate authority',
        () => [{ tls: { caFile: slapd.certificates.otherCaFile } }, slapd.url, unknownIssuer],
      ],
      ['a certificate authority that the system does not trust', () => [{ tls: {} }, slapd.url, unknownIssuer]],
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
        () => [{ url: misnamed.url, tls: { caFile: misnamed.caFile } }, misnamed.url, otherName],
      ],
      [
        'the same over StartTLS',
        () => [
          { url: misnamed.plainUrl, startTls: true, tls: { caFile: misnamed.caFile } },
          misnamed.plainUrl,
          otherName,
        ],
      ],
      [
        'another server name than the certificate has',
        () => [
          { tls: { ...ca(), serverName: 'other.example.test' } },
          slapd.url,
          '127.0.0.1, localhost, ldap.example.test',
        ],
      ],
      ['no such host', () => [{ url: 'ldaps://ldap.nowhere.invalid' }, 'ldaps://ldap.nowhere.invalid', 'source.url']],
      [
        'a closed port',
        () => [{ url: `ldaps://127.0.0.1:${closedPort}` }, `ldaps://127.0.0.1:${closedPort}`, refusedConnection],
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
          'ERR_SSL_WRONG_VERSION_NUMBER',
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
        'a port that accepts and never responds',
        () => [{ url: `ldaps://127.0.0.1:${mutePort()}` }, `ldaps://127.0.0.1:${mutePort()}`, late],
      ],
      [
        'the same over StartTLS',
        () => [{ url: `ldap://127.0.0.1:${mutePort()}`, startTls: true }, `ldap://127.0.0.1:${mutePort()}`, late],
      ],
      [
        'a client certificate of an issuer that the server does not trust',
        () => [
          { bind: external, tls: { ...ca(), certFile: './untrusted.pem', keyFile: './untrusted.key' } },
          slapd.url,
          '(source.tls.certFile)',
        ],
      ],
      [
        'no certificate where one is demanded',
        () => [
          { url: demanding.url, tls: { caFile: demanding.caFile } },
          demanding.url,
          '(source.tls.certFile and source.tls.keyFile)',
        ],
      ],
      [
        'a certificate that the server does not accept',
        () => [
          {
            url: demanding.url,
            bind: external,
            tls: { caFile: demanding.caFile, certFile: './untrusted.pem', keyFile: './untrusted.key' },
          },
          demanding.url,
          '(source.tls.certFile)',
        ],
      ],
      [
        "another certificate's key",
        () => [
          {
            bind: external,
            tls: { ...ca(), certFile: slapd.certificates.client.certFile, keyFile: './untrusted.key' },
          },
          slapd.url,
          'source.tls.keyFile is not the key of source.tls.certFile',
          true,
        ],
      ],
    ])('%s', async (_what, failing) => {
      const [source, url, text, isFinal] = failing();
      at.configure(source);
      const refuse = new URL(url).hostname === '127.0.0.1' ? expectRefusal : expectRefusalOfOtherSource;
      await refuse(at, cannot(url, text, isFinal), { secrets: [slapd.admin.password, wrongPassword] });
    });

    test('another source than the state has: it receives no credentials until an operator accepts it', async () => {
      await using proxy = await startProxy(slapd.tlsPort);
      at.configure({ url: `ldaps://localhost:${proxy.port}` });
      await expectRefusal(at, { code: 'source.changed', mentions: ['localhost', '127.0.0.1', '--accept-source'] });
      expect(proxy.connections).toEqual([]);
      expectExitCode(await at.cli.run('plan', '--accept-source'), 0);
      expect(proxy.connections).toHaveLength(1);
    });

    test('several servers: the reason of each, in order', async () => {
      at.configure({ url: [`ldaps://127.0.0.1:${closedPort}`, misnamed.url] });
      await expectRefusal(at, {
        code: 'ldap.connectFailed',
        mentions: [`ldaps://127.0.0.1:${closedPort}: ${refusedConnection}`, `${misnamed.url}: `, otherName],
      });
    });

    test('credentials that the first server refuses: the account is not tried at the others', async () => {
      await using proxy = await startProxy(slapd.tlsPort);
      at.configure({ url: [slapd.url, `ldaps://127.0.0.1:${proxy.port}`], bind: wrong });
      await expectRefusal(at, cannot(slapd.url, badCredentials, true), { secrets: [wrongPassword] });
      expect(proxy.connections).toEqual([]);
    });
  });

  describe('with a wrong configuration is not tried (exit code 4)', () => {
    const mistake = (...mentions: readonly string[]): Refusal => ({ code: 'config.invalid', mentions });

    test.each<[string, () => [Source, Refusal]]>([
      [
        'a password in clear',
        () => [{ url: slapd.plainUrl, tls: undefined }, mistake('source.url: ', 'allowPlaintextPassword')],
      ],
      [
        'a password in clear to localhost',
        () => [
          { url: `ldap://localhost:${slapd.port}`, tls: undefined },
          mistake('source.url: ', 'allowPlaintextPassword'),
        ],
      ],
      [
        'a password in clear to the second server',
        () => [{ url: [slapd.url, slapd.plainUrl] }, mistake('source.url[1]: ', 'allowPlaintextPassword')],
      ],
      ['an empty password', () => [{ bind: { dn, password: '' } }, mistake('source.bind.password: ')]],
      [
        'a password file that is not there',
        () => [
          { bind: { dn, password: { file: './none' } } },
          mistake('source.bind.password: ', at.cli.path('none'), 'ENOENT'),
        ],
      ],
      [
        'a password file with nothing in it',
        () => [
          { bind: { dn, password: { file: './blank' } } },
          mistake('source.bind.password: ', at.cli.path('blank')),
        ],
      ],
      [
        'a filter that is none',
        () => [{ users: { base: people, filter: '(uid=' } }, mistake('source.users.filter: ', 'column 6')],
      ],
      [
        'an authority that is none',
        () => [
          { tls: { caFile: './no.pem' } },
          { code: 'config.certificateNotPem', mentions: [at.cli.path('no.pem')] },
        ],
      ],
    ])('%s', async (_what, failing) => {
      await using proxy = await startProxy(slapd.port);
      const [source, refusal] = failing();
      const reroute = (url: unknown): unknown =>
        typeof url === 'string' ? url.replace(`:${slapd.port}`, `:${proxy.port}`) : url;
      at.configure({
        ...source,
        ...('url' in source
          ? { url: Array.isArray(source['url']) ? source['url'].map(reroute) : reroute(source['url']) }
          : {}),
      });
      await expectRefusal(at, refusal, { exitCode: 4 });
      expect(proxy.connections).toEqual([]);
    });
  });

  describe('to a directory that does not return the entries', () => {
    const refused = (code: ErrorCode, ...mentions: readonly string[]): Refusal => ({
      code,
      mentions: [slapd.url, ...mentions],
    });
    const unseen = (base: string, nearest = ''): Refusal => refused('ldap.noSuchObject', `"${base}"`, nearest);

    test.each<[string, string, () => Refusal]>([
      ['no such base', `ou=unknown,${suffix}`, () => unseen(`ou=unknown,${suffix}`, `"${suffix}"`)],
      ["another directory's base", 'dc=elsewhere', () => unseen('dc=elsewhere')],
      ['a base that is no DN', 'ou=people,,dc=test', () => refused('ldap.invalidDnSyntax', '"ou=people,,dc=test"')],
    ])('%s', async (_what, base, refusal) => {
      at.configure({ users: { base } });
      await expectRefusalOfOtherSource(at, refusal(), { secrets: [slapd.admin.password] });
    });

    test.each<[string, () => [Source, Refusal]]>([
      [
        'a base of groups that is not there',
        () => [{ groups: { base: `ou=teams,${suffix}` } }, unseen(`ou=teams,${suffix}`, `"${suffix}"`)],
      ],
      [
        'a base that this account may not see',
        () => [{ bind: { dn: `cn=outsider,${suffix}`, password: { file: './outsider' } } }, unseen(people)],
      ],
      ['a base that anonymous may not read', () => [{ bind: undefined }, refused('ldap.accessDenied', `"${people}"`)]],
    ])('%s', async (_what, failing) => {
      const [source, refusal] = failing();
      at.configure(source);
      await expectRefusal(at, refusal, { secrets: ['outsider-secret', slapd.admin.password] });
    });
  });

  test('leads to no change after all these failures', async () => {
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

  /**
   * Runs an action before the given search of the next connection is answered. The first two searches read the root DSE
   * and the schema.
   */
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
    await expectOneRefusal(at, { code: 'ldap.connectionLost', mentions: [url()] });
    await slapd.start();
    await expectNoChanges(at);
  });

  test('frozen', async () => {
    beforeSearch(12, () => slapd.signal('SIGSTOP'));
    try {
      await expectOneRefusal(at, { code: 'ldap.connectionLost', mentions: [url(), '1500 ms'] });
    } finally {
      await slapd.signal('SIGCONT');
    }
    await expectNoChanges(at);
  });

  test('frozen before the connection', async () => {
    await slapd.signal('SIGSTOP');
    try {
      await expectOneRefusal(at, { code: 'ldap.connectFailed', mentions: [url(), '1500 ms'] });
    } finally {
      await slapd.signal('SIGCONT');
    }
    await expectNoChanges(at);
  });

  test('stopped as an administrator stops it', async () => {
    beforeSearch(20, () => slapd.signal('SIGTERM'));
    // The server may still send a result before it closes the connection.
    await expectOneRefusal(at, { code: ['ldap.connectionLost', 'ldap.unavailable'] });
    await slapd.start();
    await expectNoChanges(at);
  });

  test('restarted between two passes, with a leaver meanwhile', async () => {
    await slapd.signal('SIGTERM');
    await expectRefusal(at, { code: 'ldap.connectFailed', mentions: [url()] });
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
    await expectOneRefusal(at, { code: 'ldap.connectionLost' });
    expect(bytes).toBeGreaterThan(5_000);
    at.configure({});
    await expectNoChanges(at);
  });
});
