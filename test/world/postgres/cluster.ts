import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import pg from 'pg';
import { freePort } from '../directory/servers/server.ts';
import { waitUntil } from '../wait-until.ts';

const versionsFolder = '/usr/lib/postgresql';

/** The programs of the newest PostgreSQL that Debian's package installed; undefined: there is none. */
function programFolder(): string | undefined {
  const versions = existsSync(versionsFolder) ? readdirSync(versionsFolder) : [];
  return versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(versionsFolder, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')));
}

/** A PostgreSQL server of its own, with its data in a temporary folder. */
export interface PostgresCluster {
  readonly port: number;
  /** The data folder, for its settings and certificates. */
  readonly folder: string;
  /** The URL of the database `postgres`. */
  url(user?: string, password?: string): string;
  /** Runs SQL as the administrator. */
  query(sql: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Stops the server at once, as a crash does. */
  crash(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root. */
function serverUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (option: string): number => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** Creates and starts a server. Its loss of data in a power cut does not matter. */
export async function startCluster(programs: string): Promise<PostgresCluster> {
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-postgres-'));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const initdb = ['-D', data, '-U', 'admin', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  execFileSync(join(programs, 'initdb'), initdb, { ...user, cwd: folder, stdio: 'pipe', env: {} });
  const port = await freePort();
  writeFileSync(
    join(data, 'pg_hba.conf'),
    `host all admin 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n`,
  );
  let server: ChildProcess | undefined;
  const url = (name = 'admin', password = ''): string =>
    `postgres://${name}${password === '' ? '' : `:${password}`}@127.0.0.1:${port}/postgres`;
  const query: PostgresCluster['query'] = async (sql, values = []) => {
    const client = new pg.Client({ connectionString: url() });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const { rows } = await client.query<Record<string, unknown>>(sql, [...values]);
      return rows;
    } finally {
      await client.end();
    }
  };
  const start = async (): Promise<void> => {
    const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: folder, fsync: 'off' };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    server = spawn(join(programs, 'postgres'), ['-D', data, ...options], { ...user, cwd: folder, stdio: 'ignore' });
    await waitUntil('answer of PostgreSQL', () =>
      query('select 1').then(
        () => true,
        () => false,
      ),
    );
  };
  // https://www.postgresql.org/docs/current/server-shutdown.html: SIGINT is fast, SIGQUIT ends it as a crash does.
  const end = async (signal: 'SIGINT' | 'SIGQUIT'): Promise<void> => {
    const ending = server;
    server = undefined;
    if (ending === undefined) return;
    const ended = once(ending, 'exit');
    ending.kill(signal);
    await ended;
  };
  await start();
  return {
    ...{ port, folder: data, url, query, start },
    crash: () => end('SIGQUIT'),
    async stop() {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Tests against a server that all of them share; skipped without PostgreSQL, which scripts/test reports. */
export function describeWithPostgres(name: string, tests: (cluster: () => PostgresCluster) => void): void {
  const programs = programFolder();
  if (programs === undefined) {
    describe.skip(name, () => tests(() => undefined as never));
    return;
  }
  describe(name, () => {
    let cluster: PostgresCluster | undefined;
    beforeAll(async () => {
      cluster = await startCluster(programs);
    }, 60_000);
    afterAll(() => cluster?.stop());
    tests(() => {
      if (cluster === undefined) throw new Error('the server is not started');
      return cluster;
    });
  });
}
