import { expect, jest, test } from '@jest/globals';
import { describeOn } from '../../world/directory/servers/describe-on.ts';
import { directoryFixture, type DirectoryFixture } from '../../world/directory/directory-fixture.ts';
import { RandomDirectory, changeKindCount } from '../../world/directory/random-directory.ts';
import { directoryMirror, type MirrorOptions } from '../../world/directory/mirror.ts';
import { startSlapd } from '../../world/directory/servers/slapd.ts';
import { startProxy, type ProxyOptions } from '../../world/directory/ldap-proxy.ts';
import { seededRandom, randomInt } from '../../world/random.ts';
import { enterpriseUser, expectExitCode, withoutDiscovery, writes } from '../../world/fixture.ts';
import type { CliResult } from '../../world/cli-workspace.ts';
import type { Fault } from '../../world/strict-server/strict-server.ts';
import { randomRuns, randomRunsTimeoutMs } from '../../world/random-runs.ts';
import { unlimitedGuard } from '../../world/limits.ts';

jest.setTimeout(randomRunsTimeoutMs);

const faults: readonly Fault[] = [
  'dropAfter',
  'dropBefore',
  { status: 500, after: true },
  { status: 503 },
  { status: 429, headers: { 'Retry-After': '0' } },
  { status: 400 },
];
const accidents = [
  'none',
  'the server is killed in the reading',
  'scimsync is killed in the reading',
  'scimsync is killed while it sends',
] as const;

/** The active users and all groups, by key. */
interface TargetContents {
  readonly people: Readonly<Record<string, { readonly userName: unknown; readonly manager: unknown }>>;
  readonly groups: Readonly<Record<string, { readonly displayName: unknown; readonly members: readonly string[] }>>;
}

interface Resource {
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

function targetContents({ app }: DirectoryFixture): TargetContents {
  const all: readonly Resource[] = [...app.users.values(), ...app.groups.values()];
  const keys = new Map(all.map(({ id, data }) => [id, String(data['externalId'] ?? `without a key: ${id}`)]));
  const active = [...app.users.values()].filter(({ data }) => data['active'] === true);
  const isThere = new Set([...active.map(({ id }) => id), ...app.groups.keys()]);
  const keyOf = (id: string): string => keys.get(id) ?? `dangling ${id}`;
  return {
    people: Object.fromEntries(
      active.map(({ id, data }) => {
        const manager = (data[enterpriseUser] as { manager?: { value: string } } | undefined)?.manager?.value;
        return [
          keyOf(id),
          { userName: String(data['userName']).trim(), manager: manager === undefined ? undefined : keyOf(manager) },
        ];
      }),
    ),
    groups: Object.fromEntries(
      [...app.groups.values()].map(({ id, data }) => [
        keyOf(id),
        {
          displayName: String(data['displayName']).trim(),
          members: ((data['members'] ?? []) as { value: string }[])
            .filter(({ value }) => isThere.has(value) || !keys.has(value))
            .map(({ value }) => keyOf(value))
            .sort(),
        },
      ]),
    ),
  };
}

/** What the application should hold, by a first full read. */
function expectedContents(lines: readonly string[], known: TargetContents): TargetContents {
  const records = lines.flatMap((line) => {
    const match = /^(User|Group) (\S+) (active|inactive) (?:until \d+ )?(\{.*\})$/.exec(line);
    return match === null
      ? []
      : [
          {
            kind: match[1],
            key: match[2] ?? '',
            active: match[3] === 'active',
            attributes: JSON.parse(match[4] ?? '{}') as Record<string, string[]>,
          },
        ];
  });
  const active = records.filter(({ active: isActive }) => isActive);
  const isThere = new Set(active.map(({ key }) => key));
  const edges = lines.flatMap((line) => /^([^ >]+)>([^ >]+)$/.exec(line)?.slice(1, 3) ?? []);
  const members = (group: string): string[] =>
    edges.flatMap((key, at) => (at % 2 === 1 && edges[at - 1] === group && isThere.has(key) ? [key] : [])).sort();
  // An inactive manager may have an account or not; without one, the reference is absent.
  const manager = (key: string | undefined, of: string): unknown =>
    key === undefined || isThere.has(key) ? key : known.people[of]?.manager === key ? key : undefined;
  return {
    people: Object.fromEntries(
      active
        .filter(({ kind }) => kind === 'User')
        .map(({ key, attributes }) => [
          key,
          { userName: attributes['uid']?.[0]?.trim(), manager: manager(attributes['manager']?.[0], key) },
        ]),
    ),
    groups: Object.fromEntries(
      active
        .filter(({ kind }) => kind === 'Group')
        .map(({ key, attributes }) => [key, { displayName: attributes['cn']?.[0]?.trim(), members: members(key) }]),
    ),
  };
}

describeOn('slapd', 'a changing directory, faults and crashes', () => {
  const histories = Array.from({ length: randomRuns(2).numRuns }, (_, index): [number, 'flatten' | 'keep'] => [
    11 + index,
    index % 2 === 0 ? 'flatten' : 'keep',
  ]);
  test.each(histories)('end in sync (seed %i, nested groups: %s)', async (seed, nested) => {
    const random = seededRandom(seed);
    await using slapd = await startSlapd();
    const life = new RandomDirectory(slapd, 'life', true);
    const hooks: { -readonly [Name in keyof ProxyOptions]: ProxyOptions[Name] } = {
      onRequest: (message) => ({ toServer: [message] }),
    };
    await using proxy = await startProxy(slapd.port, hooks);
    const filters = {
      users: { base: life.people, filter: '(!(employeeType=robot))' },
      groups: { base: life.base, filter: '(!(description=hidden))', nested },
    } satisfies Partial<MirrorOptions>;
    await using at = await directoryFixture(
      slapd,
      {
        url: `ldap://127.0.0.1:${proxy.port}`,
        tls: undefined,
        allowPlaintextPassword: true,
        ...filters,
        sanity: { maxShrink: '100%', maxBlank: '100%' },
        relink: 'auto',
      },
      { guard: unlimitedGuard, leavers: { groups: 'delete' } },
    );
    let happened = 0;
    let hasServerCrashed = false;

    const live = async (count: number): Promise<void> => {
      for (let turn = 0; turn < count; turn += 1)
        await life.applyChange([randomInt(random, changeKindCount), randomInt(random, 41), randomInt(random, 41)]);
      await life.flush();
      await life.waitForReferences();
    };

    /** A pass with faults, and possibly a crash of the server or of scimsync. */
    const troubled = async (): Promise<void> => {
      const accident = accidents[randomInt(random, accidents.length)] ?? 'none';
      at.app.log.splice(0);
      at.app.options.fault = ({ method }) =>
        method !== 'GET' && random() < 0.15 ? faults[randomInt(random, faults.length)] : undefined;
      let left = 1 + randomInt(random, 25);
      const running = at.cli.start('sync', '--json');
      let isOver = false;
      const end = async (): Promise<boolean> => {
        if ((left -= 1) !== 0) return isOver;
        isOver = true;
        happened += 1;
        if (accident === 'the server is killed in the reading') await slapd.signal('SIGKILL');
        else running.child.kill('SIGKILL');
        return true;
      };
      hooks.onResponse = async (message) => (accident.endsWith('in the reading') && (await end()) ? [] : [message]);
      if (accident === 'scimsync is killed while it sends') {
        const { fault } = at.app.options;
        at.app.options.fault = (entry, number) => {
          void end();
          return fault?.(entry, number);
        };
      }
      const run: CliResult = await running.exited;
      hooks.onResponse = (message) => [message];
      at.app.options.fault = undefined;
      if (!isOver || !accident.endsWith('in the reading')) return;
      expect(writes(at.app.log)).toEqual([]);
      if (accident !== 'the server is killed in the reading') return;
      await slapd.start();
      hasServerCrashed = true;
      expectExitCode(run, 1);
      expect(run.stderr).toContain('(code: ldap.');
    };

    /** After a crash of slapd, contextCSN can be lower until the next change. An operator accepts that reading. */
    const pass = async (): Promise<CliResult> => {
      const run = await at.pass();
      return hasServerCrashed && run.stderr.includes('(code: source.wentBack)') ? at.pass('--accept-source') : run;
    };

    hooks.onResponse = (message) => [message];
    await live(10);
    for (let chapter = 0; chapter < 3; chapter += 1) {
      for (let step = 0; step < 2; step += 1) {
        await live(5);
        await troubled();
      }
      let run = await pass();
      for (let turn = 0; turn < 3 && (run.code !== 0 || run.lines.length > 1); turn += 1) run = await pass();
      expectExitCode(run, 0);
      using fresh = directoryMirror(slapd, {
        ...filters,
        uses: { users: new Set(['uid', 'manager']), groups: new Set(['cn']) },
      });
      await fresh.read();
      expect(targetContents(at)).toEqual(expectedContents(fresh.lines(), targetContents(at)));
      at.app.log.splice(0);
      expectExitCode(await at.pass(), 0);
      expectExitCode(await at.pass('--full'), 0);
      expect(withoutDiscovery(at.app.log)).toEqual([]);
    }
    expect(happened).toBeGreaterThan(1);
  });
});
