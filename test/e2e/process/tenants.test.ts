import { rmSync, writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { createCliWorkspace, type CliProcess, type CliWorkspace } from '../../world/cli-workspace.ts';
import { configuration, expectExitCode, target } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import { startStrictServer, type StrictServer } from '../../world/strict-server/strict-server.ts';
import { waitUntil } from '../../world/wait-until.ts';

jest.setTimeout(60_000);

type Settings = Readonly<Record<string, unknown>>;

/** Users of a tenant: the numbers in the names of their accounts. */
function writeUsers(cli: CliWorkspace, tenant: string, numbers: readonly number[]): void {
  const rows = numbers.map((number) => `${tenant}-${number},${tenant}-${number}`);
  writeFileSync(cli.path(`${tenant}.csv`), `id,userName\n${rows.join('\n')}\n`);
}

const settingsOf = (tenant: string, app: Settings, changes: Settings = {}): Settings => ({
  ...configuration([{ ...target('', {}), mapping: {}, guard: unlimitedGuard, verification, ...app }], {
    users: { file: `${tenant}.csv`, key: 'id' },
    settleSeconds: 0,
    sanity: { maxShrink: '100%' },
  }),
  state: `./${tenant}.db`,
  ...changes,
});

const writeTenant = (cli: CliWorkspace, tenant: string, settings: Settings | string): void =>
  writeFileSync(cli.path(`${tenant}.json`), typeof settings === 'string' ? settings : JSON.stringify(settings));

const accountsOf = ({ users }: StrictServer, tenant: string): readonly string[] =>
  [...users.values()]
    .filter(({ data }) => data['active'] !== false)
    .map(({ data }) => String(data['userName']))
    .filter((name) => name.startsWith(`${tenant}-`));

/** Writes are not read back. */
const verification = { firstWrites: 0, writesShare: '0%' };

/** The token of all applications. */
const token = 'token-of-all-tenants';

function requireDefined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not defined');
  return value;
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** The lines of the log of one tenant. */
const logOf = (daemon: CliProcess, tenant: string): readonly Settings[] =>
  daemon
    .output()
    .stderr.split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Settings)
    .filter((line) => line['tenant'] === tenant);

const messagesOf = (daemon: CliProcess, tenant: string): string =>
  logOf(daemon, tenant)
    .map(({ msg }) => String(msg))
    .join('\n');

test('20 tenants in one process: three broken ones concern only themselves', async () => {
  await using servers = new AsyncDisposableStack();
  const apps = new Map<string, StrictServer>();
  const startApp = async (tenant: string): Promise<Settings> => {
    const server = servers.use(await startStrictServer({ token }));
    apps.set(tenant, server);
    return { url: server.url };
  };
  const users = (tenant: string): readonly string[] => accountsOf(requireDefined(apps.get(tenant)), tenant);
  const appOf = (tenant: string): Settings => ({ url: requireDefined(apps.get(tenant)).url });
  await using cli = createCliWorkspace({ APP_TOKEN: token });
  const sound = numbers(17).map((number) => `sound${number}`);
  for (const tenant of sound) {
    writeUsers(cli, tenant, numbers(2));
    writeTenant(cli, tenant, settingsOf(tenant, await startApp(tenant)));
  }
  writeTenant(cli, 'bad-json', '{ "state": ');
  writeUsers(cli, 'dead-target', numbers(2));
  // A target that refuses connections fails as well, after some seconds of retries.
  const elsewhere = { url: `${appOf('sound0')['url'] as string}/elsewhere` };
  writeTenant(cli, 'dead-target', settingsOf('dead-target', elsewhere));
  writeUsers(cli, 'no-secret', numbers(2));
  const noSecret = { ...(await startApp('no-secret')), auth: { type: 'bearer', token: { file: 'late-token' } } };
  writeTenant(cli, 'no-secret', settingsOf('no-secret', noSecret));
  writeFileSync(cli.path('tenants.json'), JSON.stringify({ http: { listen: '127.0.0.1:0' } }));
  const daemon = cli.start('daemon', '--configs', '.');
  for (const tenant of sound) {
    await waitUntil(`the first pass of ${tenant}`, () => logOf(daemon, tenant).some(({ exit }) => exit === 0));
    expect(users(tenant)).toHaveLength(2);
  }
  expect(messagesOf(daemon, 'bad-json')).toMatch(/does not run, and is tried again in 5 s: .*not valid JSON/s);
  expect(messagesOf(daemon, 'no-secret')).toMatch(/does not run.*late-token cannot be read/s);

  const address = (): string | undefined => /the status page is at ([^" ]+)\//.exec(daemon.output().stderr)?.[1];
  await waitUntil('the page', () => address() !== undefined);
  const page = async (path: string): Promise<string> => (await fetch(`${address()}${path}`)).text();

  // SIGHUP: one is repaired, one is added, one is removed, one is changed, and one becomes broken.
  writeFileSync(cli.path('late-token'), `${token}\n`, { mode: 0o600 });
  writeUsers(cli, 'added', numbers(3));
  writeTenant(cli, 'added', settingsOf('added', await startApp('added')));
  rmSync(cli.path('sound0.json'));
  writeTenant(cli, 'sound1', settingsOf('sound1', { ...appOf('sound1'), mapping: { user: { title: "'Changed'" } } }));
  writeTenant(cli, 'sound2', '{}');
  writeTenant(cli, 'sound3', settingsOf('sound3', appOf('sound3'), { state: './sound1.db' }));
  const passes = messagesOf(daemon, 'sound5');
  daemon.child.kill('SIGHUP');
  await waitUntil('the repaired one', () => users('no-secret').length === 2);
  await waitUntil('the added one', () => users('added').length === 3);
  await waitUntil('the changed one', () => {
    const { users: accounts } = requireDefined(apps.get('sound1'));
    return [...accounts.values()].filter(({ data }) => data['title'] === 'Changed').length === 2;
  });
  await waitUntil('the broken one', () => messagesOf(daemon, 'sound2').includes('was not reloaded'));
  await waitUntil('the one with the state of another', () =>
    messagesOf(daemon, 'sound3').includes('the tenant sound1 has the state'),
  );
  // A tenant whose configuration is as before takes no notice.
  expect(messagesOf(daemon, 'sound5')).toBe(passes);

  await waitUntil('the failed pass', () => logOf(daemon, 'dead-target').some(({ exit }) => exit === 1));
  expect(JSON.parse(await page('/readyz'))).toEqual({ ready: true, reasons: [], tenants: { total: 20, ready: 18 } });
  const list = await page('/');
  expect(list).toContain('4 of 20 tenants need a person');
  expect(list).toContain('bad-json.json is not valid JSON');
  expect(list).toContain('it goes on with its old configuration');
  expect(list).not.toContain('>sound0<');
  expect(await page('/t/sound1')).toContain('href="/t/sound1/targets/app"');
  const metrics = await page('/metrics');
  expect(metrics).not.toContain('tenant="sound0"');
  expect(metrics).toContain('scimsync_tenant_running{tenant="sound3"} 0');
  expect(metrics).toContain('scimsync_target_users{tenant="sound1",target="app",active="true"} 2');
  expect(metrics).toContain('scimsync_operations_total{tenant="sound1",target="app",action="create",outcome="done"} 2');

  const status = await cli.run('status', '--configs', '.', '--json', '--exit-code');
  expectExitCode(status, 1);
  const urgent = status.lines.filter(({ needsPerson }) => needsPerson === true).map(({ tenant }) => tenant);
  expect(urgent).toEqual(['bad-json', 'dead-target', 'sound2', 'sound3']);
  const check = await cli.run('check', '--configs', '.', '--json');
  expectExitCode(check, 4);
  const results = check.lines.filter(({ type }) => type === 'result');
  expect(results.map(({ tenant, usable }) => [tenant, usable])).toEqual(
    status.lines.map(({ tenant }) => [tenant, !urgent.includes(tenant)]),
  );

  daemon.child.kill('SIGTERM');
  const result = await daemon.exited;
  expectExitCode(result, 0);
  expect(result.stdout + result.stderr).not.toContain(token);
});

test('a leaver does not wait for the first load of another tenant', async () => {
  await using server = await startStrictServer({ latencyMs: 5 });
  await using cli = createCliWorkspace({ APP_TOKEN: server.token });
  const app = { url: server.url };
  writeFileSync(cli.path('tenants.json'), JSON.stringify({ maxRequests: 2, maxRequestsPerTenant: 2 }));
  writeUsers(cli, 'small', numbers(3));
  writeTenant(cli, 'small', settingsOf('small', app, { schedule: '* * * * * *' }));
  writeUsers(cli, 'large', numbers(2_000));
  writeTenant(cli, 'large', settingsOf('large', app));
  const daemon = cli.start('daemon', '--configs', '.');
  await waitUntil('the small one', () => accountsOf(server, 'small').length === 3);
  await waitUntil('the first load begins', () => accountsOf(server, 'large').length > 20);
  writeUsers(cli, 'small', [0, 1]);
  await waitUntil('the leaver', () => accountsOf(server, 'small').length === 2);
  expect(accountsOf(server, 'large').length).toBeLessThan(2_000);
  daemon.child.kill('SIGTERM');
  expectExitCode(await daemon.exited, 0);
});
