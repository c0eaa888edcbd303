// A temporary folder with an export, a configuration and a state file, and a sink that plays all targets.
import { once } from 'node:events';
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runMeasured, script, startMeasured } from './measure.mjs';
import { setTimeout as sleep } from 'node:timers/promises';
import { clockMs } from './clock.mjs';
import { sizeOf } from './samples.mjs';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const csvMapping = {
  user: {
    userName: 'user.user_name.lowerAscii()',
    displayName: 'user.display_name',
    'name.givenName': 'user.given_name',
    'name.familyName': 'user.family_name',
    'emails[type eq "work"].value': 'user.mail',
    'emails[type eq "work"].primary': true,
    'phoneNumbers[type eq "work"].value': 'user.phone',
    title: 'user.title',
    preferredLanguage: 'user.language',
    timezone: 'user.timezone',
    [`${enterprise}:employeeNumber`]: 'user.employee_number',
    [`${enterprise}:department`]: 'user.department',
    [`${enterprise}:division`]: 'user.division',
    [`${enterprise}:costCenter`]: 'user.cost_center',
    [`${enterprise}:manager`]: 'user.manager_number',
  },
  group: { displayName: 'group.name' },
};

/** Without references, so that the order of creates is that of the export. */
export const withoutManagers = {
  ...csvMapping,
  user: Object.fromEntries(Object.entries(csvMapping.user).filter(([path]) => !path.endsWith(':manager'))),
};

/** Requests per second, more than a client can send: the rate limiter never waits. */
const unlimited = 100_000;

export const membersPerRequest = 100;

/** The URL of a database for the state; undefined: it is a file. */
const database = process.env.SCIMSYNC_BENCH_DATABASE;
const databaseEnv = database === undefined ? {} : { DATABASE_URL: database };
let schemas = 0;

/** The setting "state" of an empty state. In a database, each has a schema of its own, and the copy is a file. */
function stateSetting() {
  if (database === undefined) return './scimsync.db';
  schemas += 1;
  const schema = `bench_${process.pid}_${schemas}`;
  return { postgres: { url: { env: 'DATABASE_URL' }, schema, copy: './scimsync.db' } };
}

export const csvSource = {
  type: 'csv',
  users: { file: 'people.csv', key: 'employee_number' },
  groups: { column: 'teams' },
};

/** The name of a target in the configuration, and the first segment of its path at the sink. */
export const targetName = (number) => `t${number}`;

/**
 * @param targets number of targets
 * @param target further settings of each target, or a function that returns them for its number
 * @param env further environment variables of the product, besides the sink's token
 */
export async function openFixture(
  program,
  {
    targets = 1,
    source = csvSource,
    mapping = csvMapping,
    env = {},
    requestsPerSecond = unlimited,
    concurrency = 32,
    target = {},
    more = {},
  } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-bench-'));
  // Also clean up when the user interrupts the benchmark.
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const sink = fork(script('sink.mjs'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: ['--max-old-space-size=12000'],
  });
  const [port] = await once(sink, 'message');
  const url = `http://127.0.0.1:${port}`;
  const control = async (path, body) =>
    (await fetch(`${url}/bench/${path}`, { method: 'POST', body: JSON.stringify(body ?? {}) })).json();
  const configure = () =>
    writeFileSync(
      join(folder, 'sync.config.json'),
      JSON.stringify({
        state: stateSetting(),
        source,
        ...more,
        targets: Array.from({ length: targets }, (_, number) => ({
          name: targetName(number),
          profile: 'generic',
          url: `${url}/${targetName(number)}`,
          auth: { type: 'bearer', token: { env: 'SINK_TOKEN' } },
          mapping,
          limits: { requestsPerSecond, concurrency, membersPerRequest },
          ...(typeof target === 'function' ? target(number) : target),
        })),
      }),
    );
  configure();
  const state = join(folder, 'scimsync.db');
  const options = { cwd: folder, env: { SINK_TOKEN: 'bench', ...databaseEnv, ...env }, state };
  return {
    folder,
    url,
    control,
    state,
    env: options.env,
    file: join(folder, 'people.csv'),
    /**
     * Runs one process of the product; returns its measurements, those of the state file, and what the sink received.
     */
    async run(...args) {
      await control('forget');
      const usage = await runMeasured(program, args, options);
      return { ...usage, stateMb: sizeOf(state) / 1e6, sinkStats: await control('stats') };
    },
    /** Starts the daemon; `until` waits for a condition and stops when the daemon ends. */
    startDaemon: () => startDaemon(program, options),
    deleteState() {
      configure();
      for (const end of ['', '-wal', '-shm', '.lock']) rmSync(`${state}${end}`, { force: true });
    },
    close() {
      sink.disconnect();
      remove();
      process.off('exit', remove);
    },
  };
}

function startDaemon(program, options) {
  const daemon = startMeasured(program, ['daemon'], options);
  let end;
  void daemon.ended.then((run) => (end = run));
  return {
    ...daemon,
    /** Waits until the condition holds. @throws if the daemon ends, or after `limitMs` */
    async until(what, condition, limitMs = 600_000) {
      const startedAt = clockMs();
      while (!(await condition())) {
        if (end !== undefined || clockMs() - startedAt > limitMs)
          throw new Error(`the daemon did not reach "${what}"\n${daemon.output.stderr.slice(-3000)}`);
        await sleep(5);
      }
    },
    async stop() {
      daemon.child.kill('SIGTERM');
      return daemon.ended;
    },
  };
}
