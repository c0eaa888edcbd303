import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import { configuration, createFixture, expectExitCode, target, type Fixture } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';

jest.setTimeout(60_000);

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** An HR system; the handler may be replaced between passes. */
interface HrServer {
  readonly url: string;
  handler: Handler;
  /** Method, path and credentials of each request. */
  readonly requests: string[];
  [Symbol.asyncDispose](): Promise<void>;
}

async function startServer(handler: Handler): Promise<HrServer> {
  const hr = { handler, requests: [] as string[] };
  const server: Server = createServer((request, response) => {
    hr.requests.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`);
    hr.handler(request, response);
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return Object.assign(hr, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  });
}

async function workspace(hr: HrServer, users: object, source: object = {}): Promise<Fixture> {
  const fixture = await createFixture();
  fixture.cli.configure({
    ...configuration([
      target(fixture.server.url, {
        guard: unlimitedGuard,
        mapping: { user: { userName: 'user.mail', 'name.givenName': "user['name.given']" } },
      }),
    ]),
    source: {
      type: 'http',
      users: { url: `${hr.url}/people`, key: 'id', ...users },
      timeLimitSeconds: 20,
      ...source,
    },
  });
  return fixture;
}

const person = (id: number): object => ({ id, mail: `p${id}@x.example`, name: { given: `P ${id}` }, active: true });

const send = (response: ServerResponse, body: unknown, headers: Readonly<Record<string, string>> = {}): void => {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};

const list =
  (ids: readonly number[]): Handler =>
  (_, response) =>
    send(response, ids.map(person));

const active = ({ server }: Fixture): readonly string[] =>
  [...server.users.values()]
    .filter(({ data }) => data['active'] === true)
    .map(({ data }) => String(data['userName']))
    .sort();

const all = ['p1@x.example', 'p2@x.example', 'p3@x.example'];

describe('an HTTP server as a source', () => {
  test('is checked, planned, sent and explained, and an equal answer is an unchanged reading', async () => {
    await using hr = await startServer((request, response) => {
      if (request.url === '/people') list([1, 2, 3])(request, response);
      else if (request.url === '/teams') send(response, { data: [{ gid: 'g', name: 'Red' }] });
      else if (request.url === '/members') send(response, { data: [1, 2].map((member) => ({ gid: 'g', member })) });
    });
    await using at = await workspace(
      hr,
      {},
      {
        groups: { url: `${hr.url}/teams`, items: 'data', key: 'gid', name: 'name' },
        memberships: { url: `${hr.url}/members`, items: 'data', group: 'gid', member: 'member' },
        auth: { type: 'basic', username: 'sync', password: 'hr-password' },
      },
    );
    expectExitCode(await at.cli.run('check'), 0);
    expect(hr.requests).toHaveLength(3);
    expectExitCode(await at.cli.run('plan'), 0);
    expectExitCode(await at.cli.run('sync'), 0);
    expect(active(at)).toEqual(all);
    expect([...at.server.groups.values()].map(({ data }) => (data['members'] as unknown[]).length)).toEqual([2]);
    expect((await at.cli.run('explain', 'p2@x.example')).stdout).toContain('name.given: P 2');
    const before = at.server.log.length;
    expectExitCode(await at.cli.run('sync'), 0);
    expect(at.server.log.length).toBe(before);
    const credentials = Buffer.from('sync:hr-password').toString('base64');
    expect(hr.requests.every((request) => request.endsWith(` Basic ${credentials}`))).toBe(true);
    hr.handler = (request, response) => {
      if (request.url === '/people') list([1, 3])(request, response);
      else send(response, { data: [] });
    };
  });

  test('is read page by page, compressed, with a renewed token and after 429', async () => {
    let tokens = 0;
    let refusals = 0;
    await using hr = await startServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://hr');
      if (pathname === '/token') {
        tokens += 1;
        send(response, { access_token: `t${tokens}`, token_type: 'Bearer', expires_in: 3600 });
        return;
      }
      if (request.headers.authorization !== 'Bearer t2') {
        response.writeHead(401).end();
        return;
      }
      refusals += 1;
      if (refusals === 2) {
        response.writeHead(429, { 'retry-after': '1' }).end();
        return;
      }
      const after = Number(searchParams.get('after') ?? 0);
      const body = { people: [person(after + 1)], meta: { next: after < 2 ? after + 1 : null, total: 3 } };
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync(JSON.stringify(body)));
    });
    await using at = await workspace(
      hr,
      { items: 'people', paging: { cursor: 'meta.next', parameter: 'after', total: 'meta.total' } },
      {
        auth: { type: 'oauth2', tokenUrl: `${hr.url}/token`, clientId: 'sync', clientSecret: 'client-secret' },
      },
    );
    expectExitCode(await at.cli.run('sync'), 0);
    expect(active(at)).toEqual(all);
  });

  test('sends CSV, and JSON lines', async () => {
    await using hr = await startServer((request, response) => {
      if (request.url === '/people') response.end('id;mail\n1;p1@x.example\n2;p2@x.example\n');
      else response.end('{"n":"Red","id":"g"}\n');
    });
    await using at = await workspace(
      hr,
      { format: 'csv', delimiter: ';' },
      { groups: { url: `${hr.url}/teams`, format: 'jsonLines', key: 'id', name: 'n' } },
    );
    at.cli.configure({
      ...configuration([
        target(at.server.url, { mapping: { user: { userName: 'user.mail' }, group: { displayName: 'group.n' } } }),
      ]),
      source: {
        type: 'http',
        users: { url: `${hr.url}/people`, key: 'id', format: 'csv', delimiter: ';' },
        groups: { url: `${hr.url}/teams`, format: 'jsonLines', key: 'id', name: 'n' },
      },
    });
    expectExitCode(await at.cli.run('sync'), 0);
    expect(active(at)).toEqual(all.slice(0, 2));
    expect([...at.server.groups.values()].map(({ data }) => data['displayName'])).toEqual(['Red']);
  });

  test.each<[string, Handler, string]>([
    ['refuses', (_, response) => void response.writeHead(403).end('no'), 'http.refused'],
    [
      'redirects',
      (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:9/login' }).end(),
      'http.refused',
    ],
    ['sends a web page', (_, response) => void response.end('<html><p>maintenance</html>'), 'http.notData'],
    ['sends an error with 200', (_, response) => send(response, { error: 'database down' }), 'http.notData'],
    [
      'breaks off',
      (_, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('[{"id":1,"mail":"p1@x.example"},', () => response.destroy());
      },
      'http.truncated',
    ],
    [
      'names another server',
      (_, response) => send(response, [person(1)], { link: '<http://localhost:1/p>; rel="next"' }),
      'http.otherOrigin',
    ],
    [
      'sends a page for ever',
      (_, response) => send(response, [person(1)], { link: '</people?page=1>; rel="next"' }),
      'http.pageLoop',
    ],
    [
      'sends a body for ever',
      (_, response) => {
        const timer = setInterval(() => response.write(' '), 100);
        response.on('close', () => clearInterval(timer));
      },
      'http.timeLimit',
    ],
  ])('that %s is an incomplete reading: nothing changes', async (_, handler, code) => {
    await using hr = await startServer(list([1, 2, 3]));
    await using at = await workspace(hr, {}, { timeLimitSeconds: 2 });
    expectExitCode(await at.cli.run('sync'), 0);
    hr.handler = handler;
    const run = await at.cli.run('sync');
    expectExitCode(run, 1);
    expect(run.stderr).toContain(`(code: ${code})`);
    expect(active(at)).toEqual(all);
    hr.handler = list([1, 3]);
    expectExitCode(await at.cli.run('sync'), 0);
    expect(active(at)).toEqual(['p1@x.example', 'p3@x.example']);
  });
});
