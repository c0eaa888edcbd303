import type { Clock } from '../../src/model/clock.ts';
import type { Company } from './company.ts';
import { createCliWorkspace, type CliWorkspace, type JsonLine, type CliResult } from './cli-workspace.ts';
import { actualState, type State } from './state.ts';
import {
  startStrictServer,
  type LogEntry,
  type StrictOptions,
  type StrictServer,
} from './strict-server/strict-server.ts';

export const enterpriseUser = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

type Settings = Readonly<Record<string, unknown>>;

/** Settings of a target without a rate limit, with mappings for the columns that are not SCIM paths. */
export function target(url: string, changes: Settings = {}): Settings {
  return {
    name: 'app',
    url,
    profile: 'generic',
    auth: { type: 'bearer', token: { env: 'APP_TOKEN' } },
    mapping: {
      user: {
        'emails[type eq "work"].value': 'user.email',
        [`${enterpriseUser}:department`]: 'user.department',
        [`${enterpriseUser}:manager`]: 'user.manager',
      },
      group: { displayName: 'group.displayName' },
    },
    limits: { requestsPerSecond: 1000, concurrency: 8 },
    ...changes,
  };
}

export const groupFiles: Settings = {
  groups: { file: 'groups.csv', key: 'id' },
  memberships: { file: 'memberships.csv', group: 'group', member: 'member' },
};

/** Source settings for tests that change a large part of the source at once: all plausibility checks pass. */
export const noSanityChecks: Settings = { ...groupFiles, sanity: { maxShrink: '100%', maxBlank: '100%' } };

export function configuration(targets: readonly Settings[], source: Settings = groupFiles): object {
  return {
    state: './scimsync.db',
    schedule: '0 0 1 1 *',
    source: { type: 'csv', users: { file: 'users.csv', key: 'id' }, ...source },
    targets,
  };
}

export interface Fixture {
  readonly server: StrictServer;
  readonly cli: CliWorkspace;
  /** Writes the export and runs one pass with `--json`. */
  pass(company: Company, ...args: string[]): Promise<CliResult>;
  state(): State;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface FixtureOptions {
  readonly server?: StrictOptions;
  readonly target?: Settings;
  readonly source?: Settings;
  /** Passes run in this process; see `CliWorkspaceOptions`. */
  readonly inProcess?: boolean;
  /** The clock of passes in this process. */
  readonly clock?: Clock;
}

/** Starts a strict application and creates a workspace that is configured for it. */
export async function createFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const server = await startStrictServer(options.server);
  const cli = createCliWorkspace(
    { APP_TOKEN: server.token },
    {
      inProcess: options.inProcess ?? false,
      ...(options.clock === undefined ? {} : { clock: options.clock }),
    },
  );
  cli.configure(configuration([target(server.url, options.target)], options.source));
  return {
    server,
    cli,
    pass: async (company, ...args) => {
      cli.export(company);
      return cli.run('sync', '--json', ...args);
    },
    state: () => actualState(server.users.values(), server.groups.values()),
    [Symbol.asyncDispose]: async () => {
      await cli[Symbol.asyncDispose]();
      await server.close();
    },
  };
}

/** Returns the logged requests and clears the log. */
export function drainLog(server: StrictServer): LogEntry[] {
  return server.log.splice(0);
}

/** Without reads of the ServiceProviderConfig, which each full pass requests. */
export const withoutDiscovery = (log: readonly LogEntry[]): LogEntry[] =>
  log.filter(({ path }) => path !== '/ServiceProviderConfig');

export const writes = (log: readonly LogEntry[]): LogEntry[] => log.filter(({ method }) => method !== 'GET');

export const countRequests = (log: readonly LogEntry[], method: string, path: RegExp | string): number =>
  log.filter(
    (entry) => entry.method === method && (typeof path === 'string' ? entry.path === path : path.test(entry.path)),
  ).length;

export const summaryLines = (run: CliResult): readonly JsonLine[] => run.lines.filter(({ type }) => type === 'summary');
export const operationLines = (run: CliResult): readonly JsonLine[] =>
  run.lines.filter(({ type }) => type === 'operation');

/** @throws Error with the output of the pass if the exit code differs */
export function expectExitCode(run: CliResult, code: number): void {
  if (run.code === code) return;
  throw new Error(
    `exit code ${String(run.code ?? run.signal)} instead of ${code}\n` +
      `--- standard error\n${run.stderr.slice(-3000)}\n` +
      `--- standard output\n${run.stdout.slice(-3000)}`,
  );
}
