import { byId, createCompany, hire, leave, rehire, peopleWithoutReports, type Company } from './company.ts';
import {
  accessOf,
  expectedAccess,
  activeUserNames,
  type ParallelSandboxes,
  type TargetPass,
} from './parallel-sandboxes.ts';

/** A pass over all applications, with the state of the source at that time. */
export interface Stage {
  readonly title: string;
  /** Expected active users and groups. */
  readonly expected: ReturnType<typeof expectedAccess>;
  /** Id of each person → userName. */
  readonly names: Readonly<Record<string, string>>;
  readonly passes: ReadonlyMap<string, TargetPass>;
}

export const stageTitles = [
  'joiners',
  'no change',
  'movers, a leaver, a joiner, other memberships, a renamed group',
  'no change',
  'a rehire, another leaver, a mover',
  'no change',
  'no change',
] as const;

/** Stages with changes in the source, and stages without. */
export const changeStages = [0, 2, 4] as const;
export const idleStages = [1, 3, 5, 6] as const;

/** Ids of the people that change. */
export interface TestPersons {
  readonly mover: string;
  readonly leaver: string;
  readonly joiner: string;
  /** Leaves all her groups and joins all others. */
  readonly transferred: string;
  /** Has no e-mail address until the third stage. */
  readonly withoutEmail: string;
}

export interface Lifecycle {
  readonly stages: readonly Stage[];
  readonly persons: TestPersons;
}

export interface LifecycleOptions {
  /** Whether one person has no e-mail address at first. */
  readonly lateEmail: boolean;
  /** Runs between the second and the third stage. */
  readonly beforeThirdStage?: (names: { readonly mover: string; readonly transferred: string }) => Promise<void>;
  /** Runs after the third stage. */
  readonly afterThirdStage?: () => void;
}

export function newCompany({ lateEmail }: Pick<LifecycleOptions, 'lateEmail'>): Company {
  const company = createCompany(461, 9, 3);
  byId(company, 'e00002').userName = 'Upper.Case@Corp.Example';
  if (lateEmail) byId(company, 'e00003').email = '';
  return company;
}

/** Runs joiners, movers, leavers, a rehire and group changes of a small company against many applications. */
export async function runLifecycle(sandboxes: ParallelSandboxes, options: LifecycleOptions): Promise<Lifecycle> {
  const company = newCompany(options);
  const stages: Stage[] = [];
  const pass = async (): Promise<void> => {
    const passes = await sandboxes.pass(company);
    const names = Object.fromEntries(
      [...company.people.values(), ...company.leavers.values()].map(({ id, userName }) => [id, userName.toLowerCase()]),
    );
    stages.push({
      title: stageTitles[stages.length] ?? '',
      expected: structuredClone(expectedAccess(company)),
      names,
      passes,
    });
  };
  const [mover, leaver, transferred] = peopleWithoutReports(company, 5).filter(
    ({ id }) => id !== 'e00002' && id !== 'e00003',
  );
  if (mover === undefined || leaver === undefined || transferred === undefined) throw new Error('too few people');

  await pass();
  await pass();

  await options.beforeThirdStage?.({ mover: mover.userName, transferred: transferred.userName });
  Object.assign(mover, { title: 'Moved', familyName: 'Renamed', userName: 'renamed@corp.example' });
  byId(company, 'e00003').email = 'p3@mail.corp.example';
  leave(company, leaver.id);
  const joiner = hire(company);
  const [first, second] = [...company.teams.values()];
  for (const team of company.teams.values()) {
    if (team.members.has(transferred.id)) team.members.delete(transferred.id);
    else team.members.add(transferred.id);
  }
  if (first === undefined || second === undefined) throw new Error('too few teams');
  first.members.add(mover.id);
  second.displayName = 'Team renamed';
  await pass();
  options.afterThirdStage?.();
  await pass();

  rehire(company, leaver.id, ['t1', 't3']);
  leave(company, joiner.id);
  mover.title = 'Moved again';
  await pass();
  await pass();
  await pass();
  return {
    stages,
    persons: {
      mover: mover.id,
      leaver: leaver.id,
      joiner: joiner.id,
      transferred: transferred.id,
      withoutEmail: 'e00003',
    },
  };
}

/** Active users, and groups if the application has them, after a pass. */
export function actualAccess(pass: TargetPass, { groups }: { readonly groups: boolean }) {
  const access = accessOf(pass);
  return { active: activeUserNames(access), ...(groups ? { groups: access.groups } : {}) };
}

/** Operations with another outcome than done or adopted. */
export const unsuccessfulOperations = ({ operations }: TargetPass): readonly TargetPass['operations'][number][] =>
  operations.filter(({ outcome }) => outcome !== 'done' && outcome !== 'adopted');

export const requestLines = ({ log }: TargetPass): readonly string[] =>
  log.map(({ method, path }) => `${method} ${path}`);
