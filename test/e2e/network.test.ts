import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, jest, test } from '@jest/globals';
import { byId, company, leave, withoutReports } from '../world/company.ts';
import { seeded } from '../world/random.ts';
import {
  configuration,
  count,
  credulous,
  expectCode,
  operations,
  summaries,
  taken,
  target,
  world,
} from '../world/setup.ts';
import { actualState, expectedState } from '../world/state.ts';
import { startStrictServer } from '../world/strict-server.ts';

jest.setTimeout(90_000);

describe('an application that answers 429', () => {
  test.concurrent.each(['seconds', 'date', 'none'] as const)(
    'is served all the same (Retry-After: %s)',
    async (retryAfter) => {
      await using at = await world({ server: { requestsPerSecond: 40, retryAfter } });
      const made = company(81, 90, 3);
      const run = await at.pass(made);
      expectCode(run, 0);
      expect(at.state()).toEqual(expectedState(made));
      const log = taken(at.server);
      expect(log.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
      expect(Number(summaries(run)[0]?.['retries'])).toBeGreaterThan(0);
      // Retry-After pauses the whole target: what comes after a 429 is what was on its way, not a storm.
      expect(log.filter(({ status }) => status === 429).length).toBeLessThan(45);
    },
  );
});

describe('answers that are lost after they took effect', () => {
  test.concurrent.each([
    ['the connection breaks', 'dropAfter'],
    ['500 after the effect', { status: 500, after: true }],
    ['500 before it', { status: 500 }],
    ['the connection breaks before', 'dropBefore'],
    ['502 from something between', { status: 502 }],
  ] as const)('make no twins: %s', async (_what, fault) => {
    const random = seeded(82);
    await using at = await world({
      server: {
        uniqueUserNames: false,
        uniqueDisplayNames: false,
        fault: ({ method }) => (method !== 'GET' && random() < 0.15 ? fault : undefined),
      },
    });
    const made = company(82, 50, 3);
    let code: number | null = 1;
    for (let turn = 0; turn < 4 && code !== 0; turn += 1) code = (await at.pass(made)).code;
    expect(code).toBe(0);
    expect(at.state()).toEqual(expectedState(made));

    for (const { id } of withoutReports(made, 3)) leave(made, id);
    byId(made, 'e00001').title = 'Mover';
    code = 1;
    for (let turn = 0; turn < 4 && code !== 0; turn += 1) code = (await at.pass(made)).code;
    at.server.options.fault = undefined;
    expectCode(await at.pass(made), 0);
    expect(at.state()).toEqual(expectedState(made));
    taken(at.server);
    expectCode(await at.desk.run('sync'), 0);
    expect(taken(at.server)).toEqual([]);
  });
});

describe('one thing that fails', () => {
  test.concurrent('a dead application delays nobody: the other one is served, and the code is 1', async () => {
    await using at = await world();
    const dead = await startStrictServer();
    await dead.close();
    at.desk.configure(configuration([{ ...target(dead.url), name: 'dead' }, target(at.server.url)]));
    const made = company(83, 30, 2);
    const started = Date.now();
    const run = await at.pass(made);
    expectCode(run, 1);
    expect(at.state()).toEqual(expectedState(made));
    expect(run.stderr + run.stdout).toContain('dead');
    expect(run.stderr + run.stdout).not.toContain(at.server.token);
    expect(Date.now() - started).toBeLessThan(45_000);

    const alive = await startStrictServer({}, dead.port);
    try {
      expectCode(await at.desk.run('sync'), 0);
      expect(actualState(alive.users.values(), alive.groups.values())).toEqual(expectedState(made));
    } finally {
      await alive.close();
    }
  });

  test.concurrent('a poisoned record stops nobody else, and is the only one that is tried again', async () => {
    await using at = await world({
      server: {
        fault: ({ method, body }) =>
          method === 'POST' && JSON.stringify(body).includes('"p7@corp.example"') ? { status: 400 } : undefined,
      },
    });
    const made = company(84, 30, 2);
    for (const person of made.people.values()) if (person.manager === 'e00007') person.manager = undefined;
    const run = await at.pass(made);
    expectCode(run, 1);
    expect(at.server.users.size).toBe(29);
    expect(
      operations(run).filter(({ outcome, resource }) => outcome === 'failed' && resource === 'User'),
    ).toMatchObject([{ key: 'e00007', status: 400, detail: expect.stringContaining('on purpose') }]);
    taken(at.server);
    expectCode(await at.pass(made), 1);
    expect(count(taken(at.server), 'POST', '/Users')).toBe(1);
    at.server.options.fault = undefined;
    expectCode(await at.pass(made), 0);
    expect(at.state()).toEqual(expectedState(made));
  });

  test.concurrent('a wrong token is said once and clearly, and costs nobody anything', async () => {
    await using at = await world({ target: { auth: { type: 'bearer', token: 'wrong-token-0000' } } });
    const run = await at.pass(company(85, 30));
    expectCode(run, 1);
    expect(run.stderr + run.stdout).toMatch(/401/);
    expect(run.stderr + run.stdout).not.toContain('wrong-token-0000');
    expect(taken(at.server).length).toBeLessThan(30);
  });

  test.concurrent('a pause of an hour is not waited for: the code is 1, and it is left in peace', async () => {
    await using at = await world({ server: { fault: () => ({ status: 429, headers: { 'Retry-After': '3600' } }) } });
    const run = await at.pass(company(87, 30));
    expectCode(run, 1);
    expect(at.server.log.length).toBeLessThanOrEqual(8);
    expect(run.stderr).toMatch(/1 h|60 min|3600/);
  });

  test.concurrent.each([
    ['a web page', 200, { 'Content-Type': 'text/html' }, '<html>Sign in</html>'],
    ['a redirect', 302, { Location: 'http://127.0.0.1:9/elsewhere' }, ''],
    ['half a JSON text', 200, { 'Content-Type': 'application/json' }, '{"totalResults":'],
    ['201 and nothing', 201, {}, ''],
  ])(
    'an address that answers with %s is no application: code 1, and nothing counts as done',
    async (_what, status, headers, body) => {
      const odd = createServer(
        (request, reply) =>
          void request.resume().on('end', () => reply.writeHead(status, headers as Record<string, string>).end(body)),
      );
      await new Promise<void>((done) => odd.listen(0, '127.0.0.1', done));
      try {
        await using at = await world();
        at.desk.configure(configuration([target(`http://127.0.0.1:${(odd.address() as AddressInfo).port}/scim`)]));
        const run = await at.pass(company(88, 3));
        expectCode(run, 1);
        expect(summaries(run)).toMatchObject([{ succeeded: 0 }]);
      } finally {
        odd.closeAllConnections();
        odd.close();
      }
    },
  );

  test.concurrent('one member that the application refuses does not keep out the others', async () => {
    await using at = await world({ source: credulous });
    const made = company(86, 30, 1);
    expectCode(await at.pass(made), 0);
    const victim = [...at.server.users.values()].find(({ data }) => data['externalId'] === 'e00030');
    made.teams.get('t1')?.members.clear();
    expectCode(await at.pass(made, '--allow-removals', '100'), 0);
    at.server.drop('User', victim?.id ?? '');
    for (const id of made.people.keys()) made.teams.get('t1')?.members.add(id);
    await at.pass(made);
    expect(at.state().groups['t1']?.members.filter((key) => !key.startsWith('dangling')).length).toBe(29);
  });
});
