import type { Json } from '../../src/model/resource.ts';
import type { Profile } from '../../src/model/profile.ts';
import {
  startSandbox,
  type RequestEntry,
  type Resource,
  type Sandbox,
  type SandboxOptions,
} from '../../src/sandbox/sandbox.ts';
import { realClock } from '../../src/cli/world.ts';
import type { Company } from './company.ts';
import { seeded } from './random.ts';
import { desk, type Desk, type Line, type Run } from './scimsync.ts';
import { configuration, groupFiles, target } from './setup.ts';

/** One application of many. */
export interface Ship {
  readonly name: string;
  /** As a configuration writes it: a name, or words in place. */
  readonly written: unknown;
  /** The same, complete: what the application plays. */
  readonly plays: Profile | undefined;
  readonly options?: Partial<SandboxOptions>;
  /** Of the target, beside what every target has. */
  readonly settings?: (url: string) => Readonly<Record<string, unknown>>;
}

/** What one pass did at one application. */
export interface Leg {
  readonly log: readonly RequestEntry[];
  readonly operations: readonly Line[];
  readonly summary: Line | undefined;
  /** What the application holds after it. */
  readonly users: readonly Resource[];
  readonly groups: readonly Resource[];
  readonly run: Run;
}

/** Many applications that one command line serves, so that a table of them costs a few passes. */
export interface Fleet {
  readonly desk: Desk;
  sandbox(name: string): Sandbox;
  /** Deletes somebody there, behind scimsync's back. */
  forget(name: string, userName: string): Promise<void>;
  /** Writes the export and makes one pass over all of them. */
  pass(made: Company, ...args: string[]): Promise<ReadonlyMap<string, Leg>>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function fleet(ships: readonly Ship[]): Promise<Fleet> {
  const token = 'tok-fleet-4711-secret';
  const at = desk({ APP_TOKEN: token });
  const sandboxes = new Map<string, Sandbox>();
  for (const { name, plays, options } of ships) {
    sandboxes.set(
      name,
      await startSandbox({
        clock: realClock,
        random: seeded(4711),
        token,
        ...(plays === undefined ? {} : { profile: plays }),
        ...options,
      }),
    );
  }
  const sandbox = (name: string): Sandbox => {
    const found = sandboxes.get(name);
    if (found === undefined) throw new Error(`no ship is called ${name}`);
    return found;
  };
  at.configure(
    configuration(
      ships.map(({ name, written, settings }) =>
        target(sandbox(name).url, {
          name,
          profile: written,
          guard: { maxRemovals: '100%' },
          ...settings?.(sandbox(name).url),
        }),
      ),
      groupFiles,
    ),
  );

  return {
    desk: at,
    sandbox,
    async forget(name, userName) {
      const { url, users } = sandbox(name);
      const found = users().find((user) => String(user['userName']).toLowerCase() === userName.toLowerCase());
      const { status } = await fetch(`${url}/Users/${encodeURIComponent(found?.id ?? '')}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${token}` },
      });
      if (status !== 204) throw new Error(`${userName} could not be deleted at ${name}: ${status}`);
    },
    async pass(made, ...args) {
      at.export(made);
      for (const each of sandboxes.values()) each.clearLog();
      const run = await at.run('sync', '--json', ...args);
      return new Map(ships.map(({ name }) => [name, legOf(name, run, sandbox(name))]));
    },
    async [Symbol.asyncDispose]() {
      await at[Symbol.asyncDispose]();
      await Promise.all([...sandboxes.values()].map((each) => each.close()));
    },
  };
}

function legOf(name: string, run: Run, sandbox: Sandbox): Leg {
  const of = (type: string): readonly Line[] =>
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

/** Who is who at an application, by the names that people see. */
export interface Crew {
  /** userName in lower case → whether the account is open. */
  readonly open: Readonly<Record<string, boolean>>;
  /** displayName → userNames of those members whose accounts are open. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

export function crewOf({ users, groups }: Pick<Leg, 'users' | 'groups'>): Crew {
  const names = new Map(
    users.map((user) => [user.id, { name: text(user['userName']).toLowerCase(), open: user['active'] !== false }]),
  );
  return {
    open: Object.fromEntries([...names.values()].map(({ name, open }) => [name, open])),
    groups: Object.fromEntries(
      groups.map((group) => [
        text(group['displayName']),
        membersOf(group)
          .flatMap((id) => (names.get(id)?.open === true ? [names.get(id)?.name ?? ''] : []))
          .sort(),
      ]),
    ),
  };
}

/** Those who should be there, by HR. */
export function crewOfCompany(made: Company): {
  readonly open: readonly string[];
  readonly groups: Readonly<Record<string, readonly string[]>>;
} {
  const name = (id: string): string => made.people.get(id)?.userName.toLowerCase() ?? '';
  return {
    open: [...made.people.values()]
      .filter(({ active }) => active)
      .map(({ id }) => name(id))
      .sort(),
    groups: Object.fromEntries(
      [...made.teams.values()].map(({ displayName, members }) => [
        displayName,
        [...members]
          .filter((id) => made.people.get(id)?.active === true)
          .map(name)
          .sort(),
      ]),
    ),
  };
}

export const openOnes = (crew: Crew): readonly string[] =>
  Object.entries(crew.open)
    .flatMap(([name, open]) => (open ? [name] : []))
    .sort();

/** Ids of a group's members. */
export function membersOf(group: Resource): readonly string[] {
  const members = group['members'];
  return Array.isArray(members)
    ? (members as readonly Json[]).map((member) => text((member as Readonly<Record<string, Json>>)['value']))
    : [];
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
