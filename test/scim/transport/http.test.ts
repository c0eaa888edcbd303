import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { createHttpClient, type HttpClient } from '../../../src/scim/transport/http.ts';
import { never } from '../fixtures.ts';
import { scriptedServer, type Script } from '../scripted-server.ts';

const headers = { authorization: 'Bearer s3cret-token' };

async function sending<T>(
  script: Script,
  look: (http: HttpClient, url: string, lines: () => string[], seen: any[]) => Promise<T>,
): Promise<T> {
  await using server = await scriptedServer(script);
  const http = createHttpClient({ concurrency: 2, timeoutMs: 1500, userAgent: 'scimsync/1.2.3' });
  try {
    return await look(http, server.url, server.lines, server.seen);
  } finally {
    http.close();
  }
}

describe('http', () => {
  test('sends the request and the user agent', async () => {
    await sending(
      () => ({ status: 201, body: '{"id":"7"}', headers: { ETag: 'W/"1"' } }),
      async (http, url, _, seen) => {
        const reply = await http.send(
          {
            method: 'POST',
            url: `${url}/a%20b?x=%22`,
            headers: { ...headers, 'content-type': 'application/scim+json' },
            body: '{"a":"é"}',
          },
          never,
        );
        expect(reply).toMatchObject({ kind: 'response', status: 201, body: { id: '7' }, headers: { etag: 'W/"1"' } });
        expect(seen[0]).toMatchObject({
          method: 'POST',
          url: '/a%20b?x=%22',
          text: '{"a":"é"}',
          headers: { 'user-agent': 'scimsync/1.2.3', 'content-type': 'application/scim+json', ...headers },
        });
      },
    );
  });

  test.each([200, 204, 302, 400, 401, 404, 429, 500, 503])('status %i is a response', async (status) => {
    await sending(
      () => ({ status, headers: { location: 'http://127.0.0.1:1/' } }),
      async (http, url, lines) => {
        expect(await http.send({ method: 'GET', url, headers }, never)).toMatchObject({ kind: 'response', status });
        expect(lines()).toHaveLength(1);
      },
    );
  });

  test.each(['204 No Content', '304 Not Modified'])('%s with a Content-Length is a response', async (status) => {
    const net = createServer(
      (socket) =>
        void socket
          .on('data', () => socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 12\r\n\r\n`))
          .on('error', () => undefined),
    );
    await new Promise<void>((done) => void net.listen(0, '127.0.0.1', done));
    const http = createHttpClient({ concurrency: 1, timeoutMs: 2000, userAgent: 'x' });
    const url = `http://127.0.0.1:${(net.address() as AddressInfo).port}/`;
    for (let i = 0; i < 2; i += 1)
      expect(await http.send({ method: 'PATCH', url, headers, body: '{}' }, never)).toMatchObject({
        kind: 'response',
        status: Number(status.slice(0, 3)),
        text: '',
      });
    http.close();
    await new Promise((done) => net.close(done));
  });

  test('redirects are not followed, and only JSON is parsed', async () => {
    await sending(
      ({ url }) =>
        url === '/x'
          ? { body: '<html>', headers: { 'content-type': 'application/json' } }
          : { status: 307, headers: { location: '/x' } },
      async (http, url, lines) => {
        expect(await http.send({ method: 'GET', url: `${url}/y`, headers }, never)).toMatchObject({ status: 307 });
        expect(await http.send({ method: 'GET', url: `${url}/x`, headers }, never)).toMatchObject({
          status: 200,
          body: undefined,
          text: '<html>',
        });
        expect(lines()).toHaveLength(2);
      },
    );
  });

  test('a response may be compressed and have another content type', async () => {
    const packed = gzipSync('{"id":"9"}');
    const net = createServer(
      (socket) =>
        void socket.once('data', () => {
          socket.write(
            'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/html\r\n' +
              `Content-Length: ${packed.length}\r\n\r\n`,
          );
          socket.write(packed);
        }),
    );
    await new Promise<void>((done) => void net.listen(0, '127.0.0.1', done));
    const http = createHttpClient({ concurrency: 1, timeoutMs: 1000, userAgent: 'x' });
    expect(
      await http.send(
        { method: 'GET', url: `http://127.0.0.1:${(net.address() as AddressInfo).port}/`, headers },
        never,
      ),
    ).toMatchObject({ body: { id: '9' } });
    http.close();
    await new Promise((done) => net.close(done));
  });

  test('without a connection, the request was not sent', async () => {
    const http = createHttpClient({ concurrency: 1, timeoutMs: 1000, userAgent: 'x' });
    const refused = await http.send({ method: 'POST', url: 'http://127.0.0.1:9/', headers, body: '{}' }, never);
    expect(refused).toMatchObject({ kind: 'notSent', detail: expect.stringContaining('ECONNREFUSED') });
    const unknown = await http.send({ method: 'POST', url: 'http://no-such-host.invalid/', headers }, never);
    expect(unknown).toMatchObject({ kind: 'notSent' });
    http.close();
  });

  test('after a failed TLS handshake, the request was not sent', async () => {
    await sending(
      () => ({}),
      async (http, url, lines) => {
        expect(
          await http.send({ method: 'POST', url: url.replace('http:', 'https:'), headers, body: '{}' }, never),
        ).toMatchObject({ kind: 'notSent' });
        expect(lines()).toHaveLength(0);
      },
    );
  });

  test('a deadline before there is a connection: the request was not sent', async () => {
    // It accepts the connection, and does not answer the TLS handshake.
    const net = createServer((socket) => void socket.on('error', () => undefined).resume());
    await new Promise<void>((done) => void net.listen(0, '127.0.0.1', done));
    const http = createHttpClient({ concurrency: 1, timeoutMs: 200, userAgent: 'x' });
    const url = `https://127.0.0.1:${(net.address() as AddressInfo).port}/`;
    expect(await http.send({ method: 'POST', url, headers, body: '{}' }, never)).toEqual({
      kind: 'notSent',
      detail: expect.stringMatching(/no connection within 0.2 s|connect timeout/i),
    });
    http.close();
    await new Promise((done) => net.close(done));
  });

  test.each([
    ['drop', /reset|hang up|closed/i],
    ['hang', /no answer within 1.5 s/],
  ] as const)('%s: the request may have taken effect', async (fault, words) => {
    await sending(
      () => fault,
      async (http, url) => {
        const answer = await http.send({ method: 'POST', url, headers, body: '{}' }, never);
        expect(answer).toMatchObject({ kind: 'noResponse', detail: expect.stringMatching(words) });
        expect(JSON.stringify(answer)).not.toContain('s3cret');
      },
    );
  });

  test('a slow response is aborted at the timeout', async () => {
    const net = createServer(
      (socket) =>
        void socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
          const drip = setInterval(() => socket.write(' '), 50);
          socket.on('close', () => clearInterval(drip)).on('error', () => clearInterval(drip));
        }),
    );
    await new Promise<void>((done) => void net.listen(0, '127.0.0.1', done));
    const http = createHttpClient({ concurrency: 1, timeoutMs: 200, userAgent: 'x' });
    const answer = await http.send(
      { method: 'GET', url: `http://127.0.0.1:${(net.address() as AddressInfo).port}/`, headers },
      never,
    );
    expect(answer).toMatchObject({ kind: 'noResponse', detail: 'no answer within 0.2 s' });
    http.close();
    await new Promise((done) => net.close(done));
  });

  test('the error for a token that is invalid in a header does not contain it', async () => {
    const http = createHttpClient({ concurrency: 1, timeoutMs: 200, userAgent: 'x' });
    const answer = await http.send(
      { method: 'GET', url: 'http://127.0.0.1:9/', headers: { authorization: 'Bearer s3cret\u0000token' } },
      never,
    );
    expect(answer.kind).not.toBe('response');
    expect(JSON.stringify(answer)).not.toContain('s3cret');
    http.close();
  });

  test('connections are kept open', async () => {
    const ports = new Set<unknown>();
    await sending(
      () => ({ body: {} }),
      async (http, url, _, seen) => {
        for (let i = 0; i < 4; i += 1) await http.send({ method: 'GET', url, headers }, never);
        for (const { headers: sent } of seen) ports.add(sent.connection);
      },
    );
    expect([...ports]).toEqual(['keep-alive']);
  });
});
