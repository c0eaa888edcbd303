import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import type { Proxy, ProxyRules } from '../../../../src/model/http/proxy.ts';
import { createHttpClient, type HttpSettings } from '../../../../src/scim/transport/http.ts';
import { createStreamClient } from '../../../../src/scim/transport/network/stream-client.ts';
import { startConnectProxy, type ConnectProxy } from '../../../world/connect-proxy.ts';
import { certificatesFor } from '../../../world/directory/servers/certificates.ts';
import { never } from '../../fixtures.ts';
import { scriptedServer } from '../../scripted-server.ts';

const plainUrl = 'http://app.example.test/Users';
const secureUrl = 'https://ldap.example.test:8443/Users';

const through = (proxy: Proxy): ProxyRules => ({ http: proxy, https: proxy, exceptions: [], includesLoopback: true });

const portOf = (url: string): number => Number(new URL(url).port);

/** What one GET gives: the status with the text, or the kind of failure with its detail. */
type Outcome = readonly [status: number, text: string] | readonly [kind: string, detail: string];

type Get = (url: string, settings: Partial<HttpSettings>) => Promise<Outcome>;

const complete = { concurrency: 2, timeoutMs: 2000, userAgent: 'x' };

const clients: readonly (readonly [name: string, get: Get])[] = [
  [
    'of targets',
    async (url, settings) => {
      const http = createHttpClient({ ...complete, ...settings });
      const result = await http.send({ method: 'GET', url, headers: {} }, never);
      http.close();
      return result.kind === 'response' ? [result.status, result.text] : [result.kind, result.detail];
    },
  ],
  [
    'of streams',
    async (url, settings) => {
      const streams = createStreamClient({ ...complete, ...settings });
      const result = await streams.open({ method: 'GET', url, headers: {} }, never);
      const outcome: Outcome =
        result.kind === 'open' ? [result.status, await text(result.body)] : [result.kind, result.detail];
      streams.close();
      return outcome;
    },
  ],
];

async function withProxy(
  answer: Parameters<typeof startConnectProxy>[1],
  look: (proxy: ConnectProxy) => Promise<void>,
): Promise<void> {
  await using server = await scriptedServer(() => ({ status: 200, body: 'plain' }));
  await using proxy = await startConnectProxy(portOf(server.url), answer);
  await look(proxy);
}

describe.each(clients)('the client %s', (_name, get) => {
  test('reaches an http server through CONNECT', async () => {
    await withProxy(undefined, async (proxy) => {
      expect(await get(plainUrl, { proxy: through(proxy) })).toEqual([200, expect.stringContaining('plain')]);
      expect(proxy.seen).toEqual([{ authority: 'app.example.test:80', authorization: undefined }]);
    });
  });

  test('sends credentials to the proxy only', async () => {
    await using server = await scriptedServer(() => ({ status: 200 }));
    await using proxy = await startConnectProxy(portOf(server.url));
    const credentials = { username: 'sync', password: { reveal: () => 'p:w' } };
    await get(plainUrl, { proxy: through({ url: proxy.url, credentials }) });
    expect(proxy.seen[0]?.authorization).toBe(`Basic ${Buffer.from('sync:p:w').toString('base64')}`);
    expect(server.seen[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  test('verifies the certificate of the server through the tunnel', async () => {
    const { caFile, otherCaFile, server: pair, misnamed } = await certificatesFor('127.0.0.1');
    const pem = (file: string): string => readFileSync(file, 'utf8');
    const serve = async (files: typeof pair, ca: string): Promise<Outcome> => {
      const server = createTlsServer({ cert: pem(files.certFile), key: pem(files.keyFile) }, (_request, response) =>
        response.end('secure'),
      );
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      await using proxy = await startConnectProxy((server.address() as AddressInfo).port);
      try {
        const outcome = await get(secureUrl, { proxy: through(proxy), tls: { ca: pem(ca) } });
        expect(proxy.seen).toEqual([{ authority: 'ldap.example.test:8443', authorization: undefined }]);
        return outcome;
      } finally {
        server.closeAllConnections();
        server.close();
      }
    };
    expect(await serve(pair, caFile)).toEqual([200, 'secure']);
    expect(await serve(pair, otherCaFile)).toEqual(['notSent', expect.stringMatching(/certificate/)]);
    expect(await serve(misnamed, caFile)).toEqual(['notSent', expect.stringMatching(/altnames/)]);
  });

  test.each([
    [407, 'answered 407: it asks for credentials, or refuses these; correct them'],
    [403, 'answered 403: it gives no connection to app.example.test'],
    [404, 'answered 404: it gives no connection to app.example.test'],
    [502, 'answered 502: it gives no connection to app.example.test'],
  ])('has sent nothing where the proxy answers %i', async (status, what) => {
    await withProxy(
      () => status,
      async (proxy) => {
        const outcome = await get(plainUrl, { proxy: through(proxy) });
        expect(outcome).toEqual(['notSent', `the proxy ${proxy.url} ${what}`]);
      },
    );
  });

  test('names a proxy that refuses connections', async () => {
    const proxy = await startConnectProxy(1);
    await proxy[Symbol.asyncDispose]();
    const [kind, detail] = await get(plainUrl, { proxy: through(proxy) });
    expect(kind).toBe('notSent');
    expect(detail).toMatch(new RegExp(`^the proxy ${proxy.url} cannot be used: connect ECONNREFUSED`));
  });

  test('names a proxy that does not answer in time', async () => {
    await withProxy(
      () => 'hang',
      async (proxy) => {
        const [, detail] = await get(plainUrl, { proxy: through(proxy), timeoutMs: 100 });
        expect(detail).toContain(proxy.url);
        expect(detail).toContain('within 0.1 s');
      },
    );
  });

  test('needs no proxy for an exception', async () => {
    await using server = await scriptedServer(() => ({ status: 200 }));
    const proxy = { url: 'http://127.0.0.1:1' };
    expect((await get(server.url, { proxy: { ...through(proxy), exceptions: ['127.0.0.1'] } }))[0]).toBe(200);
    expect((await get(server.url, { proxy: { ...through(proxy), includesLoopback: false } }))[0]).toBe(200);
  });
});
