import type { Json } from '../../src/model/resource.ts';
import type { Profile } from '../../src/model/profile.ts';
import {
  startSandbox,
  type RequestEntry,
  type Resource,
  type Sandbox,
  type SandboxOptions,
} from '../../src/sandbox/sandbox.ts';
import { realClock } from '../../src/cli/clock.ts';
import type { Company } from './company.ts';
import { seededRandom } from './random.ts';
import { createCliWorkspace, type CliWorkspace, type JsonLine, type CliResult } from './cli-workspace.ts';
import { configuration, groupFiles, target } from './fixture.ts';
import { unlimitedGuard } from './limits.ts';

/** One application of many. */
export interface SandboxSetup {
  readonly name: string;
  /** Value of `profile` in the configuration: a name, or settings. */
  readonly profileConfig: unknown;
  /** The complete profile that the sandbox simulates. */
  readonly profile: Profile | undefined;
  readonly options?: Partial<SandboxOptions>;
  /** Further settings of the target. */
  readonly settings?: (url: string) => Readonly<Record<string, unknown>>;
}

/** Result of one pass at one application. */
export interface TargetPass {
  readonly log: readonly RequestEntry[];
  readonly operations: readonly JsonLine[];
  readonly summary: JsonLine | undefined;
  /** Resources of the application after the pass. */
  readonly users: readonly Resource[];
  readonly groups: readonly Resource[];
  readonly run: CliResult;
}

/** Many applications as targets of one configuration, so that a few passes test all of them. */
export interface ParallelSandboxes {
  readonly cli: CliWorkspace;
  sandbox(name: string): Sandbox;
  /** Deletes a user at the application as another client would. */
  deleteUser(name: string, userName: string): Promise<void>;
  /** Writes the export and runs one pass over all applications. */
  pass(company: Company, ...args: string[]): Promise<ReadonlyMap<string, TargetPass>>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startParallelSandboxes(setups: readonly SandboxSetup[]): Promise<ParallelSandboxes> {
  const token = 'tok-parallel-4711-secret';
  const cli = createCliWorkspace({ APP_TOKEN: token });
  const sandboxes = new Map<string, Sandbox>();
  for (const { name, profile, options } of setups) {
    sandboxes.set(
      name,
      await startSandbox({
        clock: realClock,
        random: seededRandom(4711),
        token,
        ...(profile === undefined ? {} : { profile }),
        ...options,
      }),
    );
  }
  const sandbox = (name: string): Sandbox => {
    const sandboxOfName = sandboxes.get(name);
    if (sandboxOfName === undefined) throw new Error(`there is no sandbox ${name}`);
    return sandboxOfName;
  };
  cli.configure(
    configuration(
      setups.map(({ name, profileConfig, settings }) =>
        target(sandbox(name).url, {
          name,
          profile: profileConfig,
          guard: unlimitedGuard,
          ...settings?.(sandbox(name).url),
        }),
      ),
      groupFiles,
    ),
  );

  return {
    cli,
    sandbox,
    async deleteUser(name, userName) {
      const { url, users } = sandbox(name);
      const account = users().find((user) => String(user['userName']).toLowerCase() === userName.toLowerCase());
      const { status } = await fetch(`${url}/Users/${encodeURIComponent(account?.id ?? '')}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${token}` },
      });
      if (status !== 204) throw new Error(`${userName} could not be deleted at ${name}: ${status}`);
    },
    async pass(company, ...args) {
      cli.export(company);
      for (const each of sandboxes.values()) each.clearLog();
      const run = await cli.run('sync', '--json', ...args);
      return new Map(setups.map(({ name }) => [name, targetPassOf(name, run, sandbox(name))]));
    },
    async [Symbol.asyncDispose]() {
      await cli[Symbol.asyncDispose]();
      await Promise.all([...sandboxes.values()].map((each) => each.close()));
    },
  };
}

function targetPassOf(name: string, run: CliResult, sandbox: Sandbox): TargetPass {
  const of = (type: string): readonly JsonLine[] =>
    run.lines.filter((line) => line['type'] === type && line['target'] === name);
  return {
    log: [...sandbox.log],
    operations: of('operation'),
    summary: of('summary')[0],
    users: [...sandbox.users()],
    groups: [...sandbox.groups()],
    run,
  };
}

/** Active users and group members of an application, by userName and displayName. */
export interface Access {
  /** userName in lower case → whether the account is active. */
  readonly active: Readonly<Record<string, boolean>>;
  /** displayName → userNames of the active members. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

export function accessOf({ users, groups }: Pick<TargetPass, 'users' | 'groups'>): Access {
  const names = new Map(
    users.map((user) => [user.id, { name: text(user['userName']).toLowerCase(), active: user['active'] !== false }]),
  );
  return {
    active: Object.fromEntries([...names.values()].map(({ name, active }) => [name, active])),
    groups: Object.fromEntries(
      groups.map((group) => [
        text(group['displayName']),
        membersOf(group)
          .flatMap((id) => (names.get(id)?.active === true ? [names.get(id)?.name ?? ''] : []))
          .sort(),
      ]),
    ),
  };
}

/** Expected active users and group members of a company. */
export function expectedAccess(company: Company): {
  readonly active: readonly string[];
  readonly groups: Readonly<Record<string, readonly string[]>>;
} {
  const name = (id: string): string => company.people.get(id)?.userName.toLowerCase() ?? '';
  return {
    active: [...company.people.values()]
      .filter(({ active }) => active)
      .map(({ id }) => name(id))
      .sort(),
    groups: Object.fromEntries(
      [...company.teams.values()].map(({ displayName, members }) => [
        displayName,
        [...members]
          .filter((id) => company.people.get(id)?.active === true)
          .map(name)
          .sort(),
      ]),
    ),
  };
}

export const activeUserNames = (access: Access): readonly string[] =>
  Object.entries(access.active)
    .flatMap(([name, active]) => (active ? [name] : []))
    .sort();

/** Ids of a group's members. */
export function membersOf(group: Resource): readonly string[] {
  const members = group['members'];
  return Array.isArray(members)
    ? (members as readonly Json[]).map((member) => text((member as Readonly<Record<string, Json>>)['value']))
    : [];
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
