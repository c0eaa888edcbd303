import { byId, createCompany, hire, leave, rehire, peopleWithoutReports, type Company } from './company.ts';
import {
  accessOf,
  expectedAccess,
  activeUserNames,
  type ParallelSandboxes,
  type TargetPass,
} from './parallel-sandboxes.ts';

/** A pass over all applications, and what HR said before it. */
export interface Stage {
  readonly title: string;
  /** Who should have access, and which groups there should be. */
  readonly expected: ReturnType<typeof expectedAccess>;
  /** Id of each person → userName. */
  readonly names: Readonly<Record<string, string>>;
  readonly passes: ReadonlyMap<string, TargetPass>;
}

export const stageTitles = [
  'joiners',
  'nothing',
  'movers, a leaver, a joiner, other memberships, a renamed group',
  'nothing',
  'a rehire, another leaver, a mover',
  'nothing',
  'nothing',
] as const;

/** The stages before which something changed, and those before which nothing did. */
export const changeStages = [0, 2, 4] as const;
export const idleStages = [1, 3, 5, 6] as const;

/** Ids of those to whom something happens. */
export interface TestPersons {
  readonly mover: string;
  readonly leaver: string;
  readonly joiner: string;
  /** Changes all of her groups. */
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
  /** Happens at the applications between the second stage and the third. */
  readonly beforeThirdStage?: (names: { readonly mover: string; readonly transferred: string }) => Promise<void>;
  /** Happens after the third stage. */
  readonly afterThirdStage?: () => void;
}

export function newCompany({ lateEmail }: Pick<LifecycleOptions, 'lateEmail'>): Company {
  const company = createCompany(461, 9, 3);
  byId(company, 'e00002').userName = 'Upper.Case@Corp.Example';
  if (lateEmail) byId(company, 'e00003').email = '';
  return company;
}

/** The life of a small company at many applications: everything that can happen to a person and a group. */
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

/** What came of a change at one application, as far as access goes. */
export function actualAccess(pass: TargetPass, { groups }: { readonly groups: boolean }) {
  const access = accessOf(pass);
  return { active: activeUserNames(access), ...(groups ? { groups: access.groups } : {}) };
}

/** Operations that were not done. */
export const unsuccessfulOperations = ({ operations }: TargetPass): readonly TargetPass['operations'][number][] =>
  operations.filter(({ outcome }) => outcome !== 'done' && outcome !== 'adopted');

export const requestLines = ({ log }: TargetPass): readonly string[] =>
  log.map(({ method, path }) => `${method} ${path}`);
