import { describe, expect, jest, test } from '@jest/globals';
import { createCliWorkspace, type CliWorkspace } from '../world/cli-workspace.ts';
import { createCompany } from '../world/company.ts';
import { startConnectProxy, type ConnectProxy } from '../world/connect-proxy.ts';
import { configuration, expectExitCode, target } from '../world/fixture.ts';
import { unlimitedGuard } from '../world/limits.ts';
import { startStrictServer } from '../world/strict-server/strict-server.ts';

jest.setTimeout(60_000);

const password = 'pr0xy-s3cret';

/** What a test configures: keys of the target, and variables of the environment. */
type Setup = (proxy: ConnectProxy) => {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string>>;
};

/** An application that only the proxy reaches, under the name app.example.test. */
async function behindProxy(
  setup: Setup,
  answer: Parameters<typeof startConnectProxy>[1],
  look: (cli: CliWorkspace, proxy: ConnectProxy) => Promise<void>,
): Promise<void> {
  const server = await startStrictServer();
  try {
    const { port, pathname } = new URL(server.url);
    await using proxy = await startConnectProxy(Number(port), answer);
    const { settings = {}, environment } = setup(proxy);
    await using cli = createCliWorkspace({ APP_TOKEN: server.token, ...environment });
    cli.configure(
      configuration([target(`http://app.example.test${pathname}`, { guard: unlimitedGuard, ...settings })]),
    );
    cli.export(createCompany(7, 12));
    await look(cli, proxy);
  } finally {
    await server.close();
  }
}

const fromEnvironment: Setup = (proxy) => ({
  environment: { HTTP_PROXY: proxy.url.replace('//', `//sync:${password}@`) },
});

describe('a target behind the proxy of the environment', () => {
  test('is checked and provisioned, and no output has the credentials', async () => {
    await behindProxy(fromEnvironment, undefined, async (cli, proxy) => {
      const check = await cli.run('check');
      expectExitCode(check, 0);
      expect(check.stdout).toContain(`app: requests go through the proxy ${proxy.url}\n`);
      const sync = await cli.run('sync', '--json');
      expectExitCode(sync, 0);
      expect(new Set(proxy.seen.map(({ authority }) => authority))).toEqual(new Set(['app.example.test:80']));
      expect(proxy.seen[0]?.authorization).toBe(`Basic ${Buffer.from(`sync:${password}`).toString('base64')}`);
      expect(check.stdout + check.stderr + sync.stdout + sync.stderr).not.toContain(password);
    });
  });

  test('keeps what it holds where the proxy refuses', async () => {
    let status = 200;
    await behindProxy(
      fromEnvironment,
      () => status,
      async (cli, proxy) => {
        expectExitCode(await cli.run('sync'), 0);
        status = 407;
        const refused = await cli.run('check');
        expectExitCode(refused, 1);
        expect(refused.stdout).toContain(
          `the proxy ${proxy.url} answered 407: it asks for credentials, or refuses these; correct them`,
        );
        expect(refused.stdout + refused.stderr).not.toContain(password);
        status = 200;
        const after = await cli.run('sync', '--full', '--json');
        expectExitCode(after, 0);
        expect(after.lines.filter(({ type }) => type === 'operation')).toEqual([]);
      },
    );
  });
});

test('a target can have a proxy of its own, also on this machine', async () => {
  const setup: Setup = ({ url }) => ({
    settings: { url: 'http://127.0.0.1:1/scim', proxy: { url, username: 'sync', password: { env: 'PROXY_PASSWORD' } } },
    environment: { HTTP_PROXY: 'http://127.0.0.1:1', PROXY_PASSWORD: password },
  });
  await behindProxy(setup, undefined, async (cli, proxy) => {
    const check = await cli.run('check', '--json');
    const [line] = check.lines.filter(({ type }) => type === 'proxy');
    expect(line).toMatchObject({ target: 'app', purpose: 'requests', proxy: proxy.url });
    expect(proxy.seen[0]?.authority).toBe('127.0.0.1:1');
    expect(check.stdout).not.toContain(password);
  });
});
