import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCliWorkspace, type CliProcess, type CliResult, type CliWorkspace } from '../../world/cli-workspace.ts';
import type { Company } from '../../world/company.ts';
import { writeExport } from '../../world/export.ts';
import { configuration, target } from '../../world/fixture.ts';
import { unlimitedGuard } from '../../world/limits.ts';
import type { PostgresCluster } from '../../world/postgres/cluster.ts';
import { startCutProxy, type CutProxy } from '../../world/postgres/cut-proxy.ts';
import { actualState, type State } from '../../world/state.ts';
import { startStrictServer, type LogEntry, type StrictServer } from '../../world/strict-server/strict-server.ts';

/** A daemon with a network of its own to the database. */
export interface Worker {
  /** The client of its requests in the log of the application. */
  readonly name: string;
  readonly cli: CliWorkspace;
  readonly network: CutProxy;
  start(): CliProcess;
  /** The running daemon. */
  readonly daemon: CliProcess;
}

/** Daemons with the same configuration, an application, and a state in PostgreSQL. */
export interface Crew {
  readonly server: StrictServer;
  readonly workers: readonly Worker[];
  /** Writes the export for all of them. */
  export(company: Company): void;
  /** Runs a command on the machine of the first worker. */
  run(...args: string[]): Promise<CliResult>;
  state(): State;
  /** The worker that sent the last request; undefined: none was sent. */
  active(): Worker | undefined;
  /** The requests of a worker. */
  requestsOf(worker: Worker): readonly LogEntry[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Creates workers, and starts none. @param requestsPerSecond how fast they send */
export async function createCrew(
  cluster: PostgresCluster,
  schema: string,
  { count = 3, requestsPerSecond = 50, latencyMs = 0 } = {},
): Promise<Crew> {
  const server = await startStrictServer();
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-crew-'));
  const source = {
    users: { file: join(folder, 'users.csv'), key: 'id' },
    groups: { file: join(folder, 'groups.csv'), key: 'id' },
    memberships: { file: join(folder, 'memberships.csv'), group: 'group', member: 'member' },
  };
  const limits = { requestsPerSecond, concurrency: 4 };
  const workers = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const name = `w${index + 1}`;
      const network = await startCutProxy(cluster.port, latencyMs);
      const url = cluster.url().replace(`:${cluster.port}/`, `:${network.port}/`);
      const cli = createCliWorkspace({ APP_TOKEN: `${server.token}.${name}`, DATABASE_URL: url });
      cli.configure({
        ...configuration([{ ...target(server.url, { limits }), guard: unlimitedGuard }], source),
        state: { postgres: { url: { env: 'DATABASE_URL' }, schema } },
        schedule: '* * * * * *',
      });
      return createWorker(name, cli, network);
    }),
  );
  const requestsOf: Crew['requestsOf'] = ({ name }) => server.log.filter(({ client }) => client === name);
  return {
    ...{ server, workers, requestsOf },
    export: (company) => writeExport(company, folder),
    run: (...args) => {
      const [first] = workers;
      if (first === undefined) throw new Error('there is no worker');
      return first.cli.run(...args);
    },
    state: () => actualState(server.users.values(), server.groups.values()),
    active: () => workers.find(({ name }) => name === server.log.at(-1)?.client),
    async [Symbol.asyncDispose]() {
      for (const { cli, network } of workers) {
        await cli[Symbol.asyncDispose]();
        await network.close();
      }
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function createWorker(name: string, cli: CliWorkspace, network: CutProxy): Worker {
  let running: CliProcess | undefined;
  return {
    ...{ name, cli, network },
    start: () => (running = cli.start('daemon')),
    get daemon() {
      if (running === undefined) throw new Error(`${name} was not started`);
      return running;
    },
  };
}
