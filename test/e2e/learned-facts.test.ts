import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { addTeam, byId, createCompany, leave, type Company } from '../world/company.ts';
import {
  countRequests,
  createFixture,
  drainLog,
  expectExitCode,
  noSanityChecks,
  type Fixture,
} from '../world/fixture.ts';
import type { CliResult } from '../world/cli-workspace.ts';
import type { LogEntry } from '../world/strict-server/strict-server.ts';

jest.setTimeout(180_000);

const dayMs = 86_400_000;
const oneAtATime = { requestsPerSecond: 1000, concurrency: 1 };
const fixtures: Fixture[] = [];

afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture[Symbol.asyncDispose]();
});

/** An application with these people after a first pass, and a command line. */
async function loaded(people: number, target: Readonly<Record<string, unknown>> = {}) {
  const fixture = await createFixture({ source: noSanityChecks, target: { limits: oneAtATime, ...target } });
  fixtures.push(fixture);
  const company = createCompany(3, people);
  expectExitCode(await fixture.pass(company), 0);
  drainLog(fixture.server);
  return { fixture, company, people: [...company.people.keys()] };
}

/** Number of requests by method, without those that read. */
function writesIn(log: readonly LogEntry[]): Readonly<Record<string, number>> {
  const methods = log.map(({ method }) => method).filter((method) => method !== 'GET');
  return Object.fromEntries(methods.map((method) => [method, countRequests(log, method, /./)]));
}

/** One pass after `days` days, with the requests that it sent. */
async function passAfter(days: number, { cli, server }: Fixture, company: Company, ...args: string[]) {
  cli.export(company);
  const run = await cli.runAhead(days * dayMs, 'sync', '--json', ...args);
  return { run, log: drainLog(server) };
}

async function learnedOf({ cli }: Fixture): Promise<unknown> {
  const status = await cli.run('status', '--json');
  return status.lines.find(({ type }) => type === 'target')?.['learned'];
}

const refuse = ({ server }: Fixture, status: number, ...methods: readonly string[]): void => {
  server.options.fault = ({ method }) => (methods.includes(method) ? { status } : undefined);
};

let title = 0;
function changeTitles(company: Company, ids: readonly string[]): void {
  for (const id of ids) byId(company, id).title = `Title ${(title += 1)}`;
}

describe('an application without PATCH', () => {
  test('is learned from two passes, used from the start, tried daily, and forgotten after a success', async () => {
    const { fixture, company, people } = await loaded(3);
    refuse(fixture, 405, 'PATCH');
    const passes: unknown[] = [];
    for (const days of [0, 0, 0, 1.5, 1.5, 3]) {
      if (days === 3) fixture.server.options.fault = undefined;
      changeTitles(company, people);
      const { run, log } = await passAfter(days, fixture, company);
      expectExitCode(run, 0);
      passes.push(writesIn(log));
    }
    expect(passes).toEqual([
      { PATCH: 2, PUT: 3 },
      { PATCH: 1, PUT: 3 },
      { PUT: 3 },
      { PATCH: 1, PUT: 3 },
      { PUT: 3 },
      { PATCH: 3 },
    ]);
    expect(await learnedOf(fixture)).toEqual([]);
  });

  test('is shown by status and by check, with dates', async () => {
    const { fixture, company, people } = await loaded(3);
    refuse(fixture, 405, 'PATCH');
    for (let pass = 0; pass < 2; pass += 1) {
      changeTitles(company, people);
      expectExitCode(await fixture.pass(company), 0);
    }
    const time = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(await learnedOf(fixture)).toEqual([
      {
        kind: 'patchRefused',
        subject: 'User',
        stage: 'confirmed',
        status: 405,
        learnedAt: time,
        confirmedAt: time,
      },
    ]);
    expect((await fixture.cli.run('status')).stdout).toMatch(/PATCH of users is refused \(405\).* since \d{4}-/);
    expect((await fixture.cli.run('check')).stdout).toMatch(/app: PATCH of users is refused \(405\)/);
  });

  test('refuses a single user once: only that update is sent by PUT', async () => {
    const { fixture, company, people } = await loaded(3);
    let strays = 1;
    fixture.server.options.fault = ({ method }) => (method === 'PATCH' && strays-- > 0 ? { status: 405 } : undefined);
    const passes: unknown[] = [];
    for (let pass = 0; pass < 2; pass += 1) {
      changeTitles(company, people);
      expectExitCode(await fixture.pass(company), 0);
      passes.push(writesIn(drainLog(fixture.server)));
    }
    expect(passes).toEqual([{ PATCH: 3, PUT: 1 }, { PATCH: 3 }]);
    expect(await learnedOf(fixture)).toEqual([]);
  });

  test('refuses PUT later: PATCH is sent at once', async () => {
    const { fixture, company, people } = await loaded(2);
    refuse(fixture, 405, 'PATCH');
    for (let pass = 0; pass < 2; pass += 1) {
      changeTitles(company, people);
      expectExitCode(await fixture.pass(company), 0);
    }
    refuse(fixture, 405, 'PUT');
    changeTitles(company, people);
    drainLog(fixture.server);
    expectExitCode(await fixture.pass(company), 0);
    expect(writesIn(drainLog(fixture.server))).toEqual({ PUT: 1, PATCH: 2 });
  });

  test('is forgotten when the profile changes', async () => {
    const { fixture, company, people } = await loaded(2);
    refuse(fixture, 405, 'PATCH');
    for (let pass = 0; pass < 2; pass += 1) {
      changeTitles(company, people);
      expectExitCode(await fixture.pass(company), 0);
    }
    fixture.server.options.fault = undefined;
    const file = JSON.parse(readFileSync(fixture.cli.path('sync.config.json'), 'utf8')) as {
      targets: Record<string, unknown>[];
    };
    for (const target of file.targets) target['limits'] = { ...oneAtATime, membersPerRequest: 7 };
    fixture.cli.configure(file);
    changeTitles(company, people);
    drainLog(fixture.server);
    expectExitCode(await fixture.pass(company), 0);
    expect(writesIn(drainLog(fixture.server))).toEqual({ PATCH: 2 });
  });
});

describe('an application without DELETE', () => {
  test('is learned: later leavers are deactivated without a refused request, and DELETE is tried daily', async () => {
    const { fixture, company, people } = await loaded(8, {
      leavers: { action: 'delete' },
      guard: { maxRemovals: '100%' },
    });
    refuse(fixture, 405, 'DELETE');
    const deletions: number[] = [];
    for (const [days, ...leavers] of [
      [0, 0, 1, 2],
      [0, 3, 4],
      [0, 5],
      [1.5, 6],
    ] as const) {
      for (const index of leavers) leave(company, people[index] ?? '');
      const { run, log } = await passAfter(days, fixture, company);
      expectExitCode(run, 0);
      deletions.push(countRequests(log, 'DELETE', /./));
    }
    expect(deletions).toEqual([2, 1, 0, 1]);
    expect([...fixture.server.users.values()].filter(({ data }) => data['active'] === true)).toHaveLength(1);
    // DELETE works again: what was refused before is deleted, too.
    fixture.server.options.fault = undefined;
    const { run } = await passAfter(4, fixture, company);
    expectExitCode(run, 0);
    expect(fixture.server.users.size).toBe(1);
    expect(await learnedOf(fixture)).toEqual([]);
  });
});

describe('a group that refuses all new members', () => {
  test('is remembered: the next passes send one request, and a member who leaves it is removed', async () => {
    const { fixture, company, people } = await loaded(40);
    const [member = '', ...others] = people;
    const team = addTeam(company, 't1', 'One', [member]);
    expectExitCode(await fixture.pass(company), 0);
    drainLog(fixture.server);
    fixture.server.options.fault = ({ method, path, body }) =>
      method === 'PATCH' && path.startsWith('/Groups/') && JSON.stringify(body).includes('"add"')
        ? { status: 400, detail: 'not allowed' }
        : undefined;
    for (const id of others.slice(0, 30)) team.members.add(id);
    expectExitCode(await fixture.pass(company), 1);
    expect(countRequests(drainLog(fixture.server), 'PATCH', /./)).toBeGreaterThan(16);
    team.members.delete(member);
    for (const id of others.slice(30)) team.members.add(id);
    expectExitCode(await fixture.pass(company), 1);
    const log = drainLog(fixture.server);
    expect(countRequests(log, 'PATCH', /./)).toBeLessThanOrEqual(3);
    const [group] = [...fixture.server.groups.values()];
    expect(group?.data['members'] ?? []).toEqual([]);
    fixture.server.options.fault = undefined;
    expectExitCode((await passAfter(2, fixture, company)).run, 0);
    expect([...fixture.server.groups.values()][0]?.data['members']).toHaveLength(39);
  });
});

describe('the ServiceProviderConfig', () => {
  const isConfig = ({ path }: LogEntry): boolean => path === '/ServiceProviderConfig';
  const reads = (log: readonly LogEntry[]): number => log.filter(isConfig).length;

  test('is read daily where there is work, with --full, and by check', async () => {
    const { fixture, company, people } = await loaded(2);
    const counts: number[] = [];
    for (const [days, isChanged, ...args] of [
      [0, true],
      [0.9, true],
      [1.1, false],
      [1.1, true],
      [1.2, true],
      [1.2, false, '--full'],
    ] as const) {
      if (isChanged) changeTitles(company, people);
      const { run, log } = await passAfter(days, fixture, company, ...args);
      expectExitCode(run, 0);
      counts.push(reads(log));
    }
    expect(counts).toEqual([0, 0, 0, 1, 0, 1]);
    expectExitCode(await fixture.cli.run('check'), 0);
    expect(reads(drainLog(fixture.server))).toBe(1);
  });

  test('takes effect in the pass that reads it; one that is not readable removes nothing', async () => {
    const { fixture, company, people } = await loaded(2);
    const options = fixture.server.options as { patch?: boolean };
    const passes: unknown[] = [];
    const change = async (...args: string[]): Promise<CliResult> => {
      changeTitles(company, people);
      const run = await fixture.pass(company, ...args);
      passes.push(writesIn(drainLog(fixture.server)));
      return run;
    };
    options.patch = false;
    expectExitCode(await change('--full'), 0);
    fixture.server.options.fault = (entry) => (isConfig(entry) ? { status: 404 } : undefined);
    expectExitCode(await change('--full'), 0);
    expectExitCode(await change(), 0);
    fixture.server.options.fault = undefined;
    options.patch = true;
    expect((await fixture.cli.run('check')).stdout).toMatch(/ServiceProviderConfig changed; before: PATCH no/);
    drainLog(fixture.server);
    expectExitCode(await change(), 0);
    expect(passes).toEqual([{ PUT: 2 }, { PUT: 2 }, { PUT: 2 }, { PATCH: 2 }]);
  });
});

describe('a quota of requests an hour', () => {
  test('holds over several processes, and lets the rest pass an hour later', async () => {
    const fixture = await createFixture({
      target: { profile: { extends: 'generic', limits: { quotas: [{ requests: 6, seconds: 3600 }] } } },
    });
    fixtures.push(fixture);
    const company = createCompany(3, 20);
    const requests: number[] = [];
    for (let process = 0; process < 4; process += 1) {
      await fixture.pass(company);
      requests.push(drainLog(fixture.server).length);
    }
    expect(requests).toEqual([6, 0, 0, 0]);
    const { run, log } = await passAfter(1 / 20, fixture, company);
    expectExitCode(run, 1);
    expect(log).toHaveLength(6);
    const status = await fixture.cli.run('check');
    expect(status.stdout).toMatch(/it allows 6 requests in 1 h/);
    expect(drainLog(fixture.server)).toEqual([]);
  });
});
