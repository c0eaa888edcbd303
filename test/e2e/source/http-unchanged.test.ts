import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { contentsOf } from '../../world/cli-workspace.ts';
import { configuration, createFixture, expectExitCode, target, type Fixture } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { expect, jest, test } from '@jest/globals';

jest.setTimeout(60_000);

const dayMs = 86_400_000;

interface World extends AsyncDisposable {
  readonly at: Fixture;
  readonly url: string;
  /** The ids of the users, by page. */
  pages: readonly (readonly number[])[];
  /** How the server answers besides its list. */
  answer: 'etag' | 'lastModified' | 'justModified' | 'always304' | 'otherEtag' | 'nextPage';
  configure(source?: object, users?: object, mapping?: object): void;
  /** The requests since the last call: the status of each, and `?` where it had a condition. */
  requests(): readonly string[];
  sync(...args: readonly string[]): Promise<readonly string[]>;
  active(): readonly string[];
}

async function createWorld(): Promise<World> {
  const log: string[] = [];
  const server = createServer((request, response) => {
    answer(request, response);
    const hasCondition = ['if-none-match', 'if-modified-since'].some((name) => name in request.headers);
    log.push(`${response.statusCode}${hasCondition ? '?' : ''}`);
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const at = await createFixture();
  const world: World = {
    at,
    url,
    pages: [[1, 2, 3, 4, 5, 6]],
    answer: 'etag',
    configure(source = {}, users = {}, mapping = {}) {
      at.cli.configure({
        ...configuration([
          target(at.server.url, {
            guard: unlimitedGuard,
            mapping: { user: { userName: 'user.mail', ...mapping } },
          }),
        ]),
        source: {
          type: 'http',
          users: {
            url: `${url}/people?key=secret-in-url`,
            items: 'people',
            paging: { cursor: 'next', parameter: 'after' },
            key: 'id',
            ...users,
          },
          ...source,
        },
      });
    },
    requests: () => log.splice(0),
    async sync(...args) {
      expectExitCode(await at.cli.run('sync', ...args), 0);
      return world.requests();
    },
    active: () =>
      [...at.server.users.values()]
        .filter(({ data }) => data['active'] === true)
        .map(({ data }) => String(data['userName']))
        .sort(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await at[Symbol.asyncDispose]();
    },
  };

  function answer({ url: path, headers }: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(path ?? '', url);
    const page = Number(searchParams.get('after') ?? 0);
    const people = (world.pages[page] ?? []).map((id) => ({ id, mail: `p${id}`, team: `T${id}` }));
    const next = page + 1 < world.pages.length ? page + 1 : null;
    const body = JSON.stringify(pathname === '/teams' ? [{ id: 'g', name: 'Red' }] : { people, next });
    const etag = `"${createHash('sha256').update(body).digest('hex')}"`;
    const now = Date.now();
    const modifiedAt = new Date(now - (world.answer === 'justModified' ? 0 : 5_000)).toUTCString();
    response.setHeader('date', new Date(now).toUTCString());
    if (world.answer === 'lastModified' || world.answer === 'justModified') {
      response.setHeader('last-modified', modifiedAt);
      response.statusCode = headers['if-modified-since'] === undefined ? 200 : 304;
    } else {
      response.setHeader('etag', world.answer === 'otherEtag' ? '"other"' : etag);
      const isKnown = headers['if-none-match'] === etag;
      const states304 = headers['if-none-match'] !== undefined && ['otherEtag', 'nextPage'].includes(world.answer);
      response.statusCode = isKnown || states304 || world.answer === 'always304' ? 304 : 200;
      if (world.answer === 'nextPage' && page === 0) response.setHeader('link', '</people?after=7>; rel="next"');
    }
    response.end(response.statusCode === 304 ? undefined : body);
  }
  world.configure();
  return world;
}

const names = (...ids: readonly number[]): readonly string[] => ids.map((id) => `p${id}`);

test('an unchanged list is asked for and not sent; a changed one is sent at once', async () => {
  await using world = await createWorld();
  expect(await world.sync()).toEqual(['200']);
  expect(await world.sync()).toEqual(['304?']);
  expect((await world.at.cli.run('plan', '--exit-code')).code).toBe(0);
  expect(world.requests()).toEqual(['304?']);
  world.pages = [[1, 2, 3, 4, 5, 7]];
  expect(await world.sync()).toEqual(['200?']);
  expect(world.active()).toEqual(names(1, 2, 3, 4, 5, 7));
  expect(await world.sync()).toEqual(['304?']);
  expect(await world.sync('--full')).toEqual(['200']);
  expect(contentsOf([world.at.cli.path('scimsync.db')])).not.toContain('secret-in-url');
});

test('a list is unchanged only if each of its pages is', async () => {
  await using world = await createWorld();
  world.pages = [[1, 2], [3, 4], [5]];
  expect(await world.sync()).toEqual(['200', '200', '200']);
  expect(await world.sync()).toEqual(['304?', '304?', '304?']);
  world.pages = [[1, 2], [3, 6], [5]];
  expect(await world.sync()).toEqual(['304?', '200?', '200', '200', '200']);
  expect(world.active()).toEqual(names(1, 2, 3, 5, 6));
  world.pages = [[1, 2], [3, 6], [5], [7]];
  await world.sync();
  expect(world.active()).toEqual(names(1, 2, 3, 5, 6, 7));
});

test('a part that has changed reads the other parts, too', async () => {
  await using world = await createWorld();
  const groups = { groups: { url: `${world.url}/teams`, key: 'id', items: undefined, paging: {} } };
  world.configure(groups);
  expect(await world.sync()).toEqual(['200', '200']);
  expect(await world.sync()).toEqual(['304?', '304?']);
  world.pages = [[1, 2, 3, 4, 5]];
  expect(await world.sync()).toEqual(['200?', '200']);
  expect(world.active()).toEqual(names(1, 2, 3, 4, 5));
});

test('other settings, and other attributes that are used, read everything', async () => {
  await using world = await createWorld();
  await world.sync();
  world.configure({}, { where: "user.mail != 'p6'" });
  expect(await world.sync()).toEqual(['200']);
  expect(world.active()).toEqual(names(1, 2, 3, 4, 5));
  world.configure({ headers: { 'x-version': '2' } }, { where: "user.mail != 'p6'" });
  expect(await world.sync()).toEqual(['200']);
  world.configure({ headers: { 'x-version': '2' } }, { where: "user.mail != 'p6'" }, { title: 'user.team' });
  expect(await world.sync()).toEqual(['200']);
  expect([...world.at.server.users.values()].filter(({ data }) => data['title'] !== undefined)).toHaveLength(5);
  expect(await world.sync()).toEqual(['304?']);
});

test('after a refused reading, everything is read', async () => {
  await using world = await createWorld();
  await world.sync();
  world.pages = [[1]];
  expectExitCode(await world.at.cli.run('sync'), 1);
  expect(world.requests()).toEqual(['200?']);
  world.pages = [[1, 2, 3, 4, 5, 6]];
  expect(await world.sync()).toEqual(['200']);
  expect(await world.sync()).toEqual(['304?']);
  expect(world.active()).toHaveLength(6);
});

test('rejected rows are read in every pass', async () => {
  await using world = await createWorld();
  world.pages = [[1, 2, 3, 4, 5, 5.5, 1e21]];
  world.configure({}, { validTo: "user.id == '5.5' ? 'never' : ''", dateFormats: ['yyyy-MM-dd'] });
  expectExitCode(await world.at.cli.run('sync'), 1);
  expectExitCode(await world.at.cli.run('sync'), 1);
  expect(world.requests()).toEqual(['200', '200']);
});

test.each([
  ['a page that was modified before the second of the answer', 'lastModified', '304?'],
  ['a page that was modified in the second of the answer', 'justModified', '200'],
] as const)('Last-Modified of %s', async (_what, answer, second) => {
  await using world = await createWorld();
  world.answer = answer;
  expect(await world.sync()).toEqual(['200']);
  expect(await world.sync()).toEqual([second]);
});

test('a 304 that is about another content counts as a change', async () => {
  await using world = await createWorld();
  await world.sync();
  world.answer = 'otherEtag';
  world.pages = [[1, 2, 3, 4, 5, 7]];
  expect(await world.sync()).toEqual(['304?', '200']);
  world.answer = 'nextPage';
  world.pages = [[1, 2, 3, 4, 5, 8]];
  // The 304 names a page that the list did not have. The whole list has that page, too, and it is empty.
  expect(await world.sync()).toEqual(['304?', '200', '200']);
  expect(world.active()).toEqual(names(1, 2, 3, 4, 5, 8));
});

test('a 304 without a condition is an incomplete reading, and once a day the list is read completely', async () => {
  await using world = await createWorld();
  await world.sync();
  world.answer = 'always304';
  expect(await world.sync()).toEqual(['304?']);
  const full = await world.at.cli.run('sync', '--full');
  expectExitCode(full, 1);
  expect(full.stderr).toContain('(code: http.refused)');
  expect(world.active()).toHaveLength(6);
  world.requests();
  // Once in fullEveryHours, nothing is asked.
  world.answer = 'etag';
  expectExitCode(await world.at.cli.runAhead(dayMs + 1, 'sync'), 0);
  expect(world.requests()).toEqual(['200']);
});
