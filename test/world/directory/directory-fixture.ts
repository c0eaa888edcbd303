import type { CliWorkspace, CliResult } from '../cli-workspace.ts';
import { createCliWorkspace } from '../cli-workspace.ts';
import { startStrictServer, type StrictOptions, type StrictServer } from '../strict-server/strict-server.ts';
import type { DirectoryServer } from './servers/server.ts';

type Settings = Readonly<Record<string, unknown>>;

export interface DirectoryFixture {
  readonly app: StrictServer;
  readonly cli: CliWorkspace;
  /** Rewrites the configuration with these parts of `source` and of the one target. */
  configure(source: Settings, target?: Settings, top?: Settings): void;
  /** One pass with --json. */
  pass(...args: string[]): Promise<CliResult>;
  /** The users of the application: userName → active. */
  active(): Readonly<Record<string, unknown>>;
  /** displayName → userNames of the members and displayNames of inner groups, sorted. */
  members(): Readonly<Record<string, readonly string[]>>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A strict application, and a workspace from which a directory is synchronised to it. */
export async function directoryFixture(
  directory: Pick<DirectoryServer, 'url' | 'caFile' | 'admin'>,
  source: Settings,
  target: Settings = {},
  options: StrictOptions = {},
): Promise<DirectoryFixture> {
  const app = await startStrictServer(options);
  const cli = createCliWorkspace({ APP_TOKEN: app.token, LDAP_PASSWORD: directory.admin.password });
  const all: DirectoryFixture = {
    app,
    cli,
    configure(sourceChanges, targetChanges = {}, top = {}) {
      cli.configure({
        state: './scimsync.db',
        schedule: '0 0 1 1 *',
        source: {
          type: 'ldap',
          url: directory.url,
          bind: { dn: directory.admin.dn, password: { env: 'LDAP_PASSWORD' } },
          tls: { caFile: directory.caFile },
          ...source,
          ...sourceChanges,
        },
        targets: [
          {
            name: 'app',
            url: app.url,
            profile: 'generic',
            auth: { type: 'bearer', token: { env: 'APP_TOKEN' } },
            limits: { requestsPerSecond: 1000, concurrency: 8 },
            ...target,
            ...targetChanges,
          },
        ],
        ...top,
      });
    },
    pass: (...args) => cli.run('sync', '--json', ...args),
    active: () =>
      Object.fromEntries([...app.users.values()].map(({ data }) => [String(data['userName']), data['active']])),
    members() {
      const names = new Map(
        [...app.users.values(), ...app.groups.values()].map(({ id, data }) => [
          id,
          String(data['userName'] ?? data['displayName']),
        ]),
      );
      return Object.fromEntries(
        [...app.groups.values()].map(({ data }) => [
          String(data['displayName']),
          ((data['members'] ?? []) as { value: string }[])
            .map(({ value }) => names.get(value) ?? `dangling ${value}`)
            .sort(),
        ]),
      );
    },
    async [Symbol.asyncDispose]() {
      await cli[Symbol.asyncDispose]();
      await app.close();
    },
  };
  all.configure({});
  return all;
}
