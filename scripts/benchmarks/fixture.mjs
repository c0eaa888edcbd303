// A temporary folder with an export, a configuration and a state file, and a sink as target.
import { once } from 'node:events';
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runMeasured, script } from './measure.mjs';

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

/** Requests per second, more than a client can send: the rate limiter never waits. */
const unlimited = 100_000;

export const membersPerRequest = 100;

export const csvSource = {
  type: 'csv',
  users: { file: 'people.csv', key: 'employee_number' },
  groups: { column: 'teams' },
};

/** @param env further environment variables of the product, besides the sink's token */
export async function openFixture(
  program,
  { source = csvSource, mapping = csvMapping, env = {}, requestsPerSecond = unlimited, concurrency = 32 } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'scimsync-bench-'));
  // Also clean up when the user interrupts the benchmark.
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const sink = fork(script('sink.mjs'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [port] = await once(sink, 'message');
  const url = `http://127.0.0.1:${port}`;
  const control = async (path, body) =>
    (await fetch(`${url}/bench/${path}`, { method: 'POST', body: JSON.stringify(body ?? {}) })).json();
  writeFileSync(
    join(folder, 'sync.config.json'),
    JSON.stringify({
      state: './scimsync.db',
      source,
      targets: [
        {
          name: 'sink',
          profile: 'generic',
          url,
          auth: { type: 'bearer', token: { env: 'SINK_TOKEN' } },
          mapping,
          limits: { requestsPerSecond, concurrency, membersPerRequest },
        },
      ],
    }),
  );
  const secrets = { SINK_TOKEN: 'bench', ...env };
  return {
    folder,
    url,
    control,
    env: secrets,
    file: join(folder, 'people.csv'),
    /** Runs one process of the product; returns its measurements and what the sink received. */
    async run(...args) {
      await control('forget');
      const usage = await runMeasured(program, args, { cwd: folder, env: secrets });
      return { ...usage, sinkStats: await control('stats') };
    },
    deleteState() {
      for (const end of ['', '-wal', '-shm', '.lock']) rmSync(join(folder, `scimsync.db${end}`), { force: true });
    },
    close() {
      sink.disconnect();
      remove();
      process.off('exit', remove);
    },
  };
}
