import fc from 'fast-check';
import { managerPath } from '../../src/model/path.ts';
import type { LeaverAction } from '../../src/model/resource.ts';
import type { Store } from '../../src/store/store.ts';
import { openStore } from '../../src/store/sqlite-store.ts';
import { plan, sync } from '../../src/sync/pass.ts';
import type { PlanDeps, SyncDeps } from '../../src/sync/context.ts';
import { InMemoryTarget, type SimulatedResult } from '../world/in-memory-target.ts';
import { companySource, manualClock, targetSpec, type Company, type Person } from './company.ts';

// Without `retry`, failing records wait for a later pass.
export const options = {
  only: undefined,
  full: false,
  retry: true,
  approval: {},
  operator: { name: 'admin', host: 'host' },
  acceptSource: false,
  command: 'test',
  note: undefined,
};
export const never = new AbortController().signal;
const keys = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'];
const groupKeys = ['g1', 'g2', 'g3'];

/** A company in which userNames are unique. From one company to the next, users swap and reuse them. */
export const companies: fc.Arbitrary<Company> = fc
  .record({
    order: fc.shuffledSubarray(['ada', 'bob', 'cyd', 'dan', 'eve', 'fay', 'gus'], { minLength: 6, maxLength: 6 }),
    present: fc.subarray(keys, { minLength: 1 }),
    details: fc.array(
      fc.record({
        department: fc.constantFrom('', 'sales', 'it'),
        manager: fc.option(fc.constantFrom(...keys), { nil: undefined }),
        active: fc.boolean(),
      }),
      { minLength: 6, maxLength: 6 },
    ),
    groups: fc.subarray(groupKeys),
    groupNames: fc.shuffledSubarray(['red', 'blue', 'green'], { minLength: 3, maxLength: 3 }),
    members: fc.array(fc.subarray([...keys, ...groupKeys]), { minLength: 3, maxLength: 3 }),
  })
  .map(({ order, present, details, groups, groupNames, members }) => ({
    people: new Map(
      present.map((key): [string, Person] => {
        const index = keys.indexOf(key);
        const detail = details[index] ?? { department: '', manager: undefined, active: true };
        return [key, { userName: order[index] ?? key, ...detail }];
      }),
    ),
    groups: new Map(
      groups.map((key) => {
        const index = groupKeys.indexOf(key);
        return [
          key,
          {
            name: groupNames[index] ?? key,
            members: new Set((members[index] ?? []).filter((member) => member !== key)),
          },
        ];
      }),
    ),
  }));

export const leavers = fc.record({ action: fc.constantFrom<LeaverAction>('deactivate', 'delete') });
/** A scope and a mapping of users, with the model of what they mean. */
export interface Rules {
  readonly scope: NonNullable<Parameters<typeof targetSpec>[1]>;
  readonly mapping?: NonNullable<Parameters<typeof targetSpec>[2]>;
  /** Whether a user is in scope, who is in groups with these names and keys. */
  readonly hasUser: (user: Person, names: readonly string[], keys: readonly string[]) => boolean;
  readonly hasGroup: (name: string) => boolean;
}

const all = (): boolean => true;
const notRed = (name: string): boolean => name !== 'red';
const inSales = ({ department }: Person): boolean => department === '' || department === 'sales';
export const everything: Rules = { scope: {}, hasUser: all, hasGroup: all };
export const rules = fc.constantFrom<Rules>(
  everything,
  { scope: { users: `user.department != 'sales'` }, hasUser: (user) => !inSales(user), hasGroup: all },
  { scope: { groups: `group.name != 'red'` }, hasUser: all, hasGroup: notRed },
  { scope: { users: `'red' in groups` }, hasUser: (_, names) => names.includes('red'), hasGroup: all },
  {
    scope: { users: `groups.exists(g, g == 'red') && !('g3' in groupKeys)`, groups: `group.name != 'red'` },
    hasUser: (_, names, keys) => names.includes('red') && !keys.includes('g3'),
    hasGroup: notRed,
  },
  {
    scope: { groups: `group.name != 'red'`, onlyMembers: true },
    hasUser: (_, names) => names.some(notRed),
    hasGroup: notRed,
  },
  {
    scope: { users: `user.department != 'sales'`, onlyMembers: true },
    mapping: { nickName: `groups.join('+')` },
    hasUser: (user, names) => !inSales(user) && names.length > 0,
    hasGroup: all,
  },
);
export const person = (userName: string, more: Partial<Person> = {}): Person => ({
  userName,
  department: '',
  manager: undefined,
  active: true,
  ...more,
});
export const companyOf = (people: Readonly<Record<string, Person>>): Company => ({
  people: new Map(Object.entries(people)),
  groups: new Map(),
});

export const simulatedResults = fc.array(
  fc.constantFrom<SimulatedResult>('answered', 'answered', 'answered', 'lostBefore', 'lostAfter', 'refused'),
  { maxLength: 40 },
);

export interface World {
  readonly io: SyncDeps & { readonly store: Store };
  readonly target: InMemoryTarget;
  become(company: Company): void;
  /** Runs passes until no operation fails: at most 4, since a name may change hands several times. */
  converge(): Promise<void>;
}

export async function inWorld(
  policy: { readonly action: LeaverAction },
  { scope, mapping }: Rules,
  work: (world: World) => Promise<void>,
  file = ':memory:',
): Promise<void> {
  let company: Company = { people: new Map(), groups: new Map() };
  const store = openStore(file);
  const target = new InMemoryTarget('app');
  const clock = manualClock();
  const io: SyncDeps = {
    store,
    source: companySource(() => company),
    targets: [targetSpec(policy, scope, mapping)],
    clock,
    emit: () => undefined,
    connect: () => target,
    random: () => 0.5,
  };
  try {
    await work({
      io,
      target,
      become(next) {
        company = next;
        clock.move(60_000);
      },
      async converge() {
        for (let pass = 0; pass < 4; pass += 1) {
          const report = await sync(io, { ...options, plan: undefined }, never);
          if (report.reports.every(({ failed, skipped }) => failed + skipped === 0)) return;
          // A create in doubt of a user who left is looked up once more after ten minutes.
          clock.move(600_000);
        }
      },
    });
  } finally {
    store.close();
  }
}

export async function sendsNothing(io: SyncDeps, target: InMemoryTarget): Promise<boolean> {
  const before = target.counters.requests;
  await sync(io, { ...options, plan: undefined }, never);
  return target.counters.requests === before;
}

export async function planned(io: PlanDeps, full: boolean): Promise<readonly string[]> {
  return plan(
    io,
    { ...options, full },
    async ({ pass }, { journal }) => {
      const operations = await journal.operations(pass, 'app', 0, undefined, 10_000);
      return operations.map(({ operation, phase, wave }) => JSON.stringify({ phase, wave, ...operation })).sort();
    },
    never,
  );
}

export interface State {
  readonly active: Readonly<Record<string, unknown>>;
  readonly groups: Readonly<Record<string, unknown>>;
}

export function stateOf(target: InMemoryTarget): State {
  const keyOf = (resourceType: 'User' | 'Group', id: unknown): unknown =>
    target.accounts[resourceType].get(String(id))?.body['externalId'];
  const active = [...target.accounts.User.values()]
    .filter(({ body }) => body['active'] !== false)
    .map(({ body }) => [
      body['externalId'],
      {
        userName: body['userName'],
        title: body['title'],
        nickName: body['nickName'],
        manager: body[managerPath] === undefined ? undefined : keyOf('User', body[managerPath]),
      },
    ]);
  const groups = [...target.accounts.Group.values()].map(({ body, members }) => [
    body['externalId'],
    { name: body['displayName'], members: [...members].map((id) => keyOf('User', id) ?? keyOf('Group', id)).sort() },
  ]);
  return {
    active: Object.fromEntries(active) as State['active'],
    groups: Object.fromEntries(groups) as State['groups'],
  };
}

/**
 * The state that follows from the source: active users in scope, their managers with an account, groups with their
 * members.
 */
export function expectedState(
  { people, groups }: Company,
  { mapping, hasUser, hasGroup }: Rules,
  target: InMemoryTarget,
): State {
  const namesOf = (key: string): readonly string[] =>
    groupsAround(key, groups).map((group) => groups.get(group)?.name ?? group);
  const inScope = [...people].filter(
    ([key, user]) => user.active && hasUser(user, namesOf(key), groupsAround(key, groups)),
  );
  const teams = [...groups].filter(([, { name }]) => hasGroup(name));
  const present = new Set([...inScope.map(([key]) => key), ...teams.map(([key]) => key)]);
  const accounts = new Set([...target.accounts.User.values()].map(({ body }) => body['externalId']));
  return {
    active: Object.fromEntries(
      inScope.map(([key, { userName, department, manager }]) => [
        key,
        {
          userName,
          title: department === '' ? undefined : department,
          manager: manager !== undefined && accounts.has(manager) ? manager : undefined,
          nickName: mapping === undefined ? undefined : namesOf(key).toSorted().join('+'),
        },
      ]),
    ),
    groups: Object.fromEntries(
      teams.map(([key, { name, members }]) => [
        key,
        { name, members: [...members].filter((member) => present.has(member)).sort() },
      ]),
    ),
  };
}

/** The keys of the groups that contain a user or a group, directly or through other groups. */
function groupsAround(key: string, groups: Company['groups'], found = new Set<string>()): readonly string[] {
  for (const [group, { members }] of groups) {
    if (!members.has(key) || found.has(group)) continue;
    found.add(group);
    groupsAround(group, groups, found);
  }
  return [...found];
}
