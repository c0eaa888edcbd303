import { createCliWorkspace, type CliWorkspace } from '../../world/cli-workspace.ts';
import { configuration, target } from '../../world/fixture.ts';
import { actualState, type State } from '../../world/state.ts';
import { startStrictServer, type StrictServer } from '../../world/strict-server/strict-server.ts';

/** An application, and a command line whose state is in a file or in a schema of a database. */
export interface Installation {
  readonly cli: CliWorkspace;
  readonly server: StrictServer;
  /** Changes the configuration: the state is in a schema of the database, or in a file. */
  keepStateIn(place: { readonly schema: string } | 'file'): void;
  state(): State;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Answers come in the order of the requests. */
const oneByOne = { limits: { requestsPerSecond: 1000, concurrency: 1 } };

/** @param url the database */
export async function install(url: string, place: { readonly schema: string } | 'file'): Promise<Installation> {
  const server = await startStrictServer();
  const cli = createCliWorkspace({ APP_TOKEN: server.token, DATABASE_URL: url });
  const keepStateIn: Installation['keepStateIn'] = (where) =>
    cli.configure({
      ...configuration([target(server.url, oneByOne)]),
      state: where === 'file' ? './scimsync.db' : { postgres: { url: { env: 'DATABASE_URL' }, schema: where.schema } },
    });
  keepStateIn(place);
  return {
    ...{ cli, server, keepStateIn },
    state: () => actualState(server.users.values(), server.groups.values()),
    async [Symbol.asyncDispose]() {
      await cli[Symbol.asyncDispose]();
      await server.close();
    },
  };
}
