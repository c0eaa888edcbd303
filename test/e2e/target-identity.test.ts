import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createCompany, type Company } from '../world/company.ts';
import { configuration, drainLog, expectExitCode, createFixture, target, type Fixture } from '../world/fixture.ts';
import { startStrictServer, type StrictServer } from '../world/strict-server/strict-server.ts';
import type { CliResult } from '../world/cli-workspace.ts';

jest.setTimeout(60_000);

let fixture: Fixture;
let other: StrictServer;
let company: Company;

beforeEach(async () => {
  fixture = await createFixture();
  other = await startStrictServer({ token: fixture.server.token });
  company = createCompany(7, 5);
  expectExitCode(await fixture.pass(company), 0);
  drainLog(fixture.server);
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
  await other.close();
});

const configureTargets = (...targets: readonly Readonly<Record<string, unknown>>[]): void =>
  fixture.cli.configure(configuration(targets.map(({ url, ...rest }) => target(url as string, rest))));
const run = (...args: string[]): Promise<CliResult> => fixture.cli.run(...args);
const statusOf = async (name: string): Promise<Readonly<Record<string, unknown>> | undefined> =>
  (await run('status', '--json')).lines.find((line) => line['type'] === 'target' && line['target'] === name);

describe('a target with another URL', () => {
  test.each([['plan'], ['sync'], ['check'], ['daemon']])('%s refuses it and names both', async (command) => {
    configureTargets({ url: other.url });
    const refused = await run(command);
    expectExitCode(refused, 4);
    const output = refused.stdout + refused.stderr;
    expect(output).toContain('target.urlChanged');
    expect(output).toContain(fixture.server.url);
    expect(output).toContain(other.url);
    expect(output).toContain('scimsync target moved app');
    expect(output).toContain('scimsync target forget app');
    if (command !== 'check') expect(other.log).toEqual([]);
    expect([other.users.size, fixture.server.log.length]).toEqual([0, 0]);
  });

  test('another spelling of the same URL is the same target', async () => {
    configureTargets({ url: `${fixture.server.url.replace('http:', 'HTTP:')}/` });
    expectExitCode(await run('sync'), 0);
    expect(drainLog(fixture.server)).toEqual([]);
  });

  test('moved: the accounts stay known, and the journal names the operator', async () => {
    // The same application, with the tenant named in the query.
    const url = `${fixture.server.url}?tenant=a`;
    configureTargets({ url });
    expectExitCode(await run('sync'), 4);
    expectExitCode(await run('target', 'moved', 'app'), 0);
    const action = (await run('status', '--json')).lines.find(({ type }) => type === 'action');
    expect(action).toMatchObject({ command: 'target moved app' });
    expect(action?.['note']).toContain(`from ${fixture.server.url} to ${url}`);
    expectExitCode(await run('sync'), 0);
    expect(drainLog(fixture.server)).toEqual([]);
    const again = await run('target', 'moved', 'app');
    expectExitCode(again, 0);
    expect(again.stdout).toContain('Nothing was changed');
  });

  test('forget: the new application gets all accounts, and the old ones stay', async () => {
    const before = fixture.server.users.size;
    configureTargets({ url: other.url });
    expectExitCode(await run('target', 'forget', 'app'), 0);
    expectExitCode(await run('sync'), 0);
    expect([other.users.size, fixture.server.users.size]).toEqual([before, before]);
    expect(drainLog(fixture.server)).toEqual([]);
    const history = await run('history', '--target', 'app', '--json');
    expect(history.lines.filter(({ pass }) => pass === 1).length).toBeGreaterThan(0);
  });
});

describe('a target with another name', () => {
  test('a pass refuses it until it is renamed; then it has nothing to do', async () => {
    configureTargets({ name: 'crm', url: fixture.server.url });
    const refused = await run('sync');
    expectExitCode(refused, 4);
    expect(refused.stderr).toContain('target.renamed');
    expect(refused.stderr).toContain('scimsync target rename app crm');
    expectExitCode(await run('target', 'rename', 'app', 'crm'), 0);
    const pass = await run('sync', '--json');
    expectExitCode(pass, 0);
    expect(drainLog(fixture.server)).toEqual([]);
    for (const name of ['app', 'crm'])
      expect((await run('history', '--target', name, '--json')).lines.length).toBeGreaterThan(0);
    expect(await statusOf('app')).toBeUndefined();
  });

  test('a name whose target holds accounts is refused, also where the configuration has both', async () => {
    configureTargets({ url: fixture.server.url }, { name: 'crm', url: other.url });
    expectExitCode(await run('sync'), 0);
    const both = await run('target', 'rename', 'app', 'crm');
    expectExitCode(both, 4);
    expect(both.stderr).toContain('target.nameTaken');
    configureTargets({ name: 'crm', url: other.url });
    const holding = await run('target', 'rename', 'app', 'crm');
    expectExitCode(holding, 4);
    expect(holding.stderr).toContain('target.nameTaken');
    // A target that was forgotten frees its name; both histories are joined.
    expectExitCode(await run('target', 'forget', 'crm'), 0);
    expectExitCode(await run('target', 'rename', 'app', 'crm'), 0);
    const passes = (await run('history', '--target', 'crm', '--json')).lines.map(({ pass }) => pass);
    expect([...new Set(passes)]).toEqual([1, 2]);
  });

  test.each([
    ['moved', ['crm']],
    ['forget', ['crm']],
    ['rename', ['crm', 'erp']],
  ])('target %s refuses an unknown name', async (command, names) => {
    const refused = await run('target', command, ...names);
    expectExitCode(refused, 4);
    expect(refused.stderr).toContain('commandLine.unknownTarget');
  });
});

test('status names a target that the configuration no longer has, and its history can be read', async () => {
  configureTargets({ name: 'crm', url: other.url });
  const accounts = fixture.server.users.size + fixture.server.groups.size;
  expect(await statusOf('app')).toMatchObject({ configured: false, accounts });
  const text = (await run('status')).stdout;
  expect(text).toContain(`still holds ${accounts} accounts`);
  expect(text).toContain('scimsync target forget app');
  const history = await run('history', '--target', 'app', '--json');
  expectExitCode(history, 0);
  expect(history.lines.length).toBeGreaterThanOrEqual(accounts);
  expectExitCode(await run('history', '--target', 'nowhere'), 4);
  expectExitCode(await run('target', 'forget', 'app'), 0);
  expect(await statusOf('app')).toBeUndefined();
});
