import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, jest, test } from '@jest/globals';
import { byId, createCompany, leave, peopleWithoutReports } from '../world/company.ts';
import { seededRandom } from '../world/random.ts';
import {
  configuration,
  noSanityChecks,
  expectExitCode,
  operationLines,
  summaryLines,
  drainLog,
  target,
  createFixture,
} from '../world/fixture.ts';
import { actualState, expectedState } from '../world/state.ts';
import { startStrictServer } from '../world/strict-server/strict-server.ts';

jest.setTimeout(90_000);

describe('an application that responds with 429', () => {
  test.concurrent.each(['seconds', 'date', 'none'] as const)(
    'receives everything in the end (Retry-After: %s)',
    async (retryAfter) => {
      await using fixture = await createFixture({ server: { requestsPerSecond: 40, retryAfter } });
      const company = createCompany(81, 90, 3);
      const run = await fixture.pass(company);
      expectExitCode(run, 0);
      expect(fixture.state()).toEqual(expectedState(company));
      const log = drainLog(fixture.server);
      expect(log.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
      expect(Number(summaryLines(run)[0]?.['retries'])).toBeGreaterThan(0);
      // Retry-After pauses the whole target: only requests that are in flight arrive after a 429.
      expect(log.filter(({ status }) => status === 429).length).toBeLessThan(45);
    },
  );
});

describe('a response that is lost', () => {
  test.each([
    ['the connection closes after the write', 'dropAfter'],
    ['500 after the write', { status: 500, after: true }],
    ['500 before the write', { status: 500 }],
    ['the connection closes before the write', 'dropBefore'],
    ['502 from a proxy', { status: 502 }],
  ] as const)('duplicates nothing: %s', async (_what, fault) => {
    const random = seededRandom(82);
    await using fixture = await createFixture({
      inProcess: true,
      server: {
        uniqueUserNames: false,
        uniqueDisplayNames: false,
        fault: ({ method }) => (method !== 'GET' && random() < 0.15 ? fault : undefined),
      },
    });
    const company = createCompany(82, 50, 3);
    let code: number | null = 1;
    for (let turn = 0; turn < 4 && code !== 0; turn += 1) code = (await fixture.pass(company)).code;
    expect(code).toBe(0);
    expect(fixture.state()).toEqual(expectedState(company));

    for (const { id } of peopleWithoutReports(company, 3)) leave(company, id);
    byId(company, 'e00001').title = 'Mover';
    code = 1;
    for (let turn = 0; turn < 4 && code !== 0; turn += 1) code = (await fixture.pass(company)).code;
    fixture.server.options.fault = undefined;
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company));
    drainLog(fixture.server);
    expectExitCode(await fixture.cli.run('sync'), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });
});

describe('one failure', () => {
  test.concurrent('an unreachable application does not stop the other one, and the exit code is 1', async () => {
    await using fixture = await createFixture();
    const dead = await startStrictServer();
    await dead.close();
    fixture.cli.configure(configuration([{ ...target(dead.url), name: 'dead' }, target(fixture.server.url)]));
    const company = createCompany(83, 30, 2);
    const run = await fixture.pass(company);
    expectExitCode(run, 1);
    expect(fixture.state()).toEqual(expectedState(company));
    expect(run.stderr + run.stdout).toContain('dead');
    expect(run.stderr + run.stdout).not.toContain(fixture.server.token);

    const alive = await startStrictServer({}, dead.port);
    try {
      expectExitCode(await fixture.cli.run('sync'), 0);
      expect(actualState(alive.users.values(), alive.groups.values())).toEqual(expectedState(company));
    } finally {
      await alive.close();
    }
  });

  test('a record that the application rejects stops no other, and is the only one that is sent again', async () => {
    await using fixture = await createFixture({
      inProcess: true,
      server: {
        fault: ({ method, body }) =>
          method === 'POST' && JSON.stringify(body).includes('"p7@corp.example"') ? { status: 400 } : undefined,
      },
    });
    const company = createCompany(84, 30, 2);
    for (const person of company.people.values()) if (person.manager === 'e00007') person.manager = undefined;
    const run = await fixture.pass(company);
    expectExitCode(run, 1);
    expect(fixture.server.users.size).toBe(29);
    expect(
      operationLines(run).filter(({ outcome, resource }) => outcome === 'failed' && resource === 'User'),
    ).toMatchObject([{ key: 'e00007', status: 400, detail: expect.stringContaining('injected fault') }]);
    drainLog(fixture.server);
    expectExitCode(await fixture.pass(company), 1);
    // Sent in full, with the usual attributes, and with the identity alone.
    const creates = drainLog(fixture.server).filter(({ method }) => method === 'POST');
    expect(creates).toHaveLength(3);
    expect(creates.filter(({ body }) => !JSON.stringify(body).includes('"p7@corp.example"'))).toEqual([]);
    fixture.server.options.fault = undefined;
    // After the second failure one pass does not try it.
    expectExitCode(await fixture.pass(company), 1);
    expect(drainLog(fixture.server).filter(({ method }) => method === 'POST')).toEqual([]);
    expectExitCode(await fixture.pass(company), 0);
    expect(fixture.state()).toEqual(expectedState(company));
  });

  test.concurrent(
    'a wrong token ends the pass at that application after a few requests, with the status and without the token',
    async () => {
      await using fixture = await createFixture({ target: { auth: { type: 'bearer', token: 'wrong-token-0000' } } });
      const run = await fixture.pass(createCompany(85, 30));
      expectExitCode(run, 1);
      expect(run.stderr + run.stdout).toMatch(/401/);
      expect(run.stderr + run.stdout).not.toContain('wrong-token-0000');
      expect(drainLog(fixture.server).length).toBeLessThan(30);
    },
  );

  test.concurrent(
    'a Retry-After of one hour is not waited for: the exit code is 1, and no further request is sent',
    async () => {
      await using fixture = await createFixture({
        server: { fault: () => ({ status: 429, headers: { 'Retry-After': '3600' } }) },
      });
      const run = await fixture.pass(createCompany(87, 30));
      expectExitCode(run, 1);
      expect(fixture.server.log.length).toBeLessThanOrEqual(8);
      expect(run.stderr).toMatch(/1 h|60 min|3600/);
    },
  );

  test.concurrent.each([
    ['an HTML page', 200, { 'Content-Type': 'text/html' }, '<html>Sign in</html>'],
    ['a redirect', 302, { Location: 'http://127.0.0.1:9/elsewhere' }, ''],
    ['truncated JSON', 200, { 'Content-Type': 'application/json' }, '{"totalResults":'],
    ['201 without a body', 201, {}, ''],
  ])(
    'a URL that responds with %s is not a SCIM endpoint: exit code 1, and no operation succeeds',
    async (_what, status, headers, body) => {
      const notScimServer = createServer(
        (request, response) =>
          void request
            .resume()
            .on('end', () => response.writeHead(status, headers as Record<string, string>).end(body)),
      );
      await new Promise<void>((done) => notScimServer.listen(0, '127.0.0.1', done));
      try {
        await using fixture = await createFixture();
        fixture.cli.configure(
          configuration([target(`http://127.0.0.1:${(notScimServer.address() as AddressInfo).port}/scim`)]),
        );
        const run = await fixture.pass(createCompany(88, 3));
        expectExitCode(run, 1);
        expect(summaryLines(run)).toMatchObject([{ succeeded: 0 }]);
      } finally {
        notScimServer.closeAllConnections();
        notScimServer.close();
      }
    },
  );

  test('a member that the application refuses does not keep out the others', async () => {
    await using fixture = await createFixture({ source: noSanityChecks, inProcess: true });
    const company = createCompany(86, 30, 1);
    expectExitCode(await fixture.pass(company), 0);
    const deletedUser = [...fixture.server.users.values()].find(({ data }) => data['externalId'] === 'e00030');
    company.teams.get('t1')?.members.clear();
    expectExitCode(await fixture.pass(company, '--allow-removals', '100'), 0);
    fixture.server.remove('User', deletedUser?.id ?? '');
    for (const id of company.people.keys()) company.teams.get('t1')?.members.add(id);
    await fixture.pass(company);
    expect(fixture.state().groups['t1']?.members.filter((key) => !key.startsWith('dangling')).length).toBe(29);
  });
});
