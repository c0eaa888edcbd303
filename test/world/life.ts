import { byId, company, hire, leave, rehire, withoutReports, type Company } from './company.ts';
import { crewOf, crewOfCompany, openOnes, type Fleet, type Leg } from './fleet.ts';

/** A pass over all applications, and what HR said before it. */
export interface Stage {
  readonly title: string;
  /** Who should have access, and which groups there should be. */
  readonly said: ReturnType<typeof crewOfCompany>;
  /** Id of each person → userName. */
  readonly names: Readonly<Record<string, string>>;
  readonly legs: ReadonlyMap<string, Leg>;
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
export const changes = [0, 2, 4] as const;
export const pauses = [1, 3, 5, 6] as const;

/** Ids of those to whom something happens. */
export interface Cast {
  readonly mover: string;
  readonly leaver: string;
  readonly joiner: string;
  /** Changes all of her groups. */
  readonly transferred: string;
  /** Has no e-mail address until the third stage. */
  readonly late: string;
}

export interface Life {
  readonly stages: readonly Stage[];
  readonly cast: Cast;
}

export interface LifeOptions {
  /** Whether one person has no e-mail address at first. */
  readonly lateEmail: boolean;
  /** Happens at the applications between the second stage and the third. */
  readonly meanwhile?: (names: { readonly mover: string; readonly transferred: string }) => Promise<void>;
  /** Happens after the third stage. */
  readonly afterwards?: () => void;
}

export function newCompany({ lateEmail }: Pick<LifeOptions, 'lateEmail'>): Company {
  const made = company(461, 9, 3);
  byId(made, 'e00002').userName = 'Upper.Case@Corp.Example';
  if (lateEmail) byId(made, 'e00003').email = '';
  return made;
}

/** The life of a small company at many applications: everything that can happen to a person and a group. */
export async function live(fleet: Fleet, options: LifeOptions): Promise<Life> {
  const made = newCompany(options);
  const stages: Stage[] = [];
  const pass = async (): Promise<void> => {
    const legs = await fleet.pass(made);
    const names = Object.fromEntries(
      [...made.people.values(), ...made.left.values()].map(({ id, userName }) => [id, userName.toLowerCase()]),
    );
    stages.push({ title: stageTitles[stages.length] ?? '', said: structuredClone(crewOfCompany(made)), names, legs });
  };
  const [mover, leaver, transferred] = withoutReports(made, 5).filter(({ id }) => id !== 'e00002' && id !== 'e00003');
  if (mover === undefined || leaver === undefined || transferred === undefined) throw new Error('too few people');

  await pass();
  await pass();

  await options.meanwhile?.({ mover: mover.userName, transferred: transferred.userName });
  Object.assign(mover, { title: 'Moved', familyName: 'Renamed', userName: 'renamed@corp.example' });
  byId(made, 'e00003').email = 'p3@mail.corp.example';
  leave(made, leaver.id);
  const joiner = hire(made);
  const [first, second] = [...made.teams.values()];
  for (const team of made.teams.values()) {
    if (team.members.has(transferred.id)) team.members.delete(transferred.id);
    else team.members.add(transferred.id);
  }
  if (first === undefined || second === undefined) throw new Error('too few teams');
  first.members.add(mover.id);
  second.displayName = 'Team renamed';
  await pass();
  options.afterwards?.();
  await pass();

  rehire(made, leaver.id, ['t1', 't3']);
  leave(made, joiner.id);
  mover.title = 'Moved again';
  await pass();
  await pass();
  await pass();
  return {
    stages,
    cast: { mover: mover.id, leaver: leaver.id, joiner: joiner.id, transferred: transferred.id, late: 'e00003' },
  };
}

/** What came of a change at one application, as far as access goes. */
export function reached(leg: Leg, { groups }: { readonly groups: boolean }) {
  const crew = crewOf(leg);
  return { open: openOnes(crew), ...(groups ? { groups: crew.groups } : {}) };
}

/** Operations that were not done. */
export const undone = ({ operations }: Leg): readonly Leg['operations'][number][] =>
  operations.filter(({ outcome }) => outcome !== 'done' && outcome !== 'adopted');

export const requests = ({ log }: Leg): readonly string[] => log.map(({ method, path }) => `${method} ${path}`);
